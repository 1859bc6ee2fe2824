# mypy: ignore-errors
"""Starts Rasa's server: on the loopback address only, with one trained model.

python -m bot.launcher --model var/rasa --port 5005
"""

import argparse
import os
import sys
from importlib import metadata
from pathlib import Path

from bot.quiet import ROOT, load_jieba, prepare

RASA_VERSION = "3.6.21"
MODEL = "model.tar.gz"
HOST = "127.0.0.1"
LEVELS = ("INFO", "WARNING", "ERROR")  # Rasa's DEBUG writes every message down


def main(arguments: list[str] | None = None) -> None:
    """Check, patch and warm Rasa up, then hand over to its own command line."""
    options = _parser().parse_args(arguments)
    model = options.model / MODEL if options.model.is_dir() else options.model
    if not model.is_file():
        sys.exit(f"没有找到模型 {model}，请先运行 python -m bot.train --output {options.model}")
    _check_version()
    scratch = options.model.parent if options.model.is_file() else options.model
    prepare(scratch / "cache")
    os.environ["HOTLINE_ACTIONS_PORT"] = str(options.actions_port)
    sys.path.insert(0, str(ROOT))  # endpoints.yml and config.yml name classes of bot
    _patch()
    load_jieba(scratch / "cache")
    _run(model, options.port, options.log_level)


def rasa_arguments(model: Path, port: int) -> list[str]:
    """Return the command line for Rasa's `run`; the HTTP API stays off."""
    return [
        "rasa",
        "run",
        *("--model", str(model)),
        *("--interface", HOST),
        *("--port", str(port)),
        *("--endpoints", str(ROOT / "bot" / "endpoints.yml")),
        *("--credentials", str(ROOT / "bot" / "credentials.yml")),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.launcher", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="模型所在的文件夹或文件")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("HOTLINE_RASA_PORT", "5005"),
        help="监听的端口（默认取 HOTLINE_RASA_PORT，否则 5005）",
    )
    parser.add_argument(
        "--actions-port",
        type=int,
        default=os.environ.get("HOTLINE_ACTIONS_PORT", "5055"),
        help="动作服务的端口（默认取 HOTLINE_ACTIONS_PORT，否则 5055）",
    )
    parser.add_argument(
        "--log-level",
        default=_level(os.environ.get("HOTLINE_LOG_LEVEL", "")),
        choices=LEVELS,
        help="日志级别",
    )
    return parser


def _level(wished: str) -> str:
    """Return the level for Rasa: the hotline's own, but never below INFO."""
    return wished.upper() if wished.upper() in LEVELS else "INFO"


def _check_version() -> None:
    """Refuse any Rasa but the one whose insides are replaced here."""
    try:
        installed = metadata.version("rasa")
    except metadata.PackageNotFoundError:
        sys.exit("这个 Python 环境里没有安装 Rasa，请按 bot/requirements.lock 安装")
    if installed != RASA_VERSION:
        sys.exit(f"需要 Rasa {RASA_VERSION}，装的是 {installed}，请按 bot/requirements.lock 重装")


def _patch() -> None:
    from bot.action_result import compile_validation
    from bot.incompatible import IncompatibleRasaError
    from bot.log_privacy import silence_texts
    from bot.tracker_store import BoundedTrackerStore

    if not callable(BoundedTrackerStore.save):  # Rasa would fall back to its own, silently
        sys.exit("bot.tracker_store 无法使用")
    try:
        compile_validation()
        silence_texts()
    except IncompatibleRasaError as error:
        sys.exit(f"未启动：{error}")


def _run(model: Path, port: int, log_level: str) -> None:
    import rasa.__main__
    import rasa.engine.recipes.default_components  # now, while warnings are silent

    os.environ["LOG_LEVEL"] = log_level
    sys.argv = rasa_arguments(model, port)
    rasa.__main__.main()


if __name__ == "__main__":
    main()
