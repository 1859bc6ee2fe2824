# mypy: ignore-errors
"""Trains the model, if anything that shapes it has changed.

    python -m bot.train --output var/rasa

Leaves `model.tar.gz` and `model.digest` in the folder. The model is written aside
and renamed, so a server never finds half of one.
"""

import argparse
import contextlib
import hashlib
import io
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from bot.quiet import ROOT, load_jieba, log_from, prepare

MODEL = "model.tar.gz"
DIGEST = "model.digest"
VERSION = "1"  # raise it when training itself changes
SOURCES = ("config.yml", "bot/domain.yml", "bot/data/*.yml", "bot/whole_sentence.py")


class TrainingError(Exception):
    """The model could not be trained; the message says why."""


def digest(root: Path = ROOT) -> str:
    """Return the SHA-256 (hex) over everything that shapes the model."""
    total = hashlib.sha256(f"{VERSION}\n{metadata.version('rasa')}\n".encode())
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def is_current(output: Path, wanted: str) -> bool:
    """Tell whether `output` holds the model with this digest."""
    noted = output / DIGEST
    return (
        (output / MODEL).is_file()
        and noted.is_file()
        and noted.read_text(encoding="ascii").strip() == wanted
    )


def train(output: Path, force: bool = False) -> bool:
    """Bring the model in `output` up to date; returns whether it was trained anew.

    Raises:
        TrainingError: the data is not valid, or Rasa failed.
    """
    wanted = digest()
    if is_current(output, wanted) and not force:
        return False
    output.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".training-", dir=output))
    try:
        prepare(aside / "cache")
        load_jieba(aside / "cache")
        fresh = _train_aside(aside)
        (output / DIGEST).unlink(missing_ok=True)
        fresh.replace(output / MODEL)
        noted = aside / DIGEST
        noted.write_text(wanted, encoding="ascii")
        noted.replace(output / DIGEST)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True


def _train_aside(folder: Path) -> Path:
    """Train into `folder` and return the model's path."""
    from rasa.model_training import train as rasa_train
    from rasa.shared.exceptions import RasaException

    log_from("WARNING")
    sys.path.insert(0, str(ROOT))
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            result = rasa_train(
                domain=str(ROOT / "bot" / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=[str(ROOT / "bot" / "data")],
                output=str(folder),
                fixed_model_name=MODEL.removesuffix(".tar.gz"),
                force_training=True,
            )
    except RasaException as error:
        raise TrainingError(f"训练失败：{error}") from error
    path = folder / MODEL
    if result.code != 0 or not path.is_file():
        raise TrainingError(f"训练失败：Rasa 返回代码 {result.code}\n{said.getvalue()}")
    return path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.train", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="存放模型的文件夹")
    parser.add_argument("--force", action="store_true", help="没有变化也重新训练")
    options = parser.parse_args(arguments)
    try:
        trained = train(options.output.resolve(), options.force)
    except (TrainingError, OSError) as error:
        sys.exit(str(error))
    print("模型已训练" if trained else "模型没有变化，无需训练")


if __name__ == "__main__":
    main()
