"""Which processes serve, as a configuration of supervisord."""

import os
import shlex
import sys
from configparser import RawConfigParser
from pathlib import Path

from knowledge.settings import ROOT, Settings

WEB, ACTIONS, RASA = "web", "actions", "rasa"
NAMES = {WEB: "网页服务", ACTIONS: "动作服务", RASA: "对话机器人 Rasa"}
LOG_BYTES = "20MB"


def commands(settings: Settings, model: Path) -> dict[str, list[str]]:
    """Return the command of each process."""
    web = [
        sys.executable, "-m", "gunicorn", "web.serving.wsgi:make_app()",
        "--bind", f"{settings.host}:{settings.port}",
        "--worker-class", "gthread", "--workers", "1", "--threads", str(settings.web_threads),
        "--timeout", "60", "--graceful-timeout", "8", "--keep-alive", "30",
        "--no-control-socket",
    ]  # fmt: skip
    rasa = [str(settings.rasa_python), "-m", "bot.launcher", "--model", str(model)]
    return {WEB: web, ACTIONS: [sys.executable, "-m", "actions.server"], RASA: rasa}


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of all processes: this one's, with what must agree."""
    return os.environ | {
        "HOTLINE_HOME": str(settings.home),
        "HOTLINE_RASA_PORT": str(settings.rasa_port),
        "HOTLINE_ACTIONS_PORT": str(settings.actions_port),
        "OMP_NUM_THREADS": str(settings.threads),
        "MALLOC_ARENA_MAX": "2",  # glibc's arenas, one a thread, cost 100 MB in all
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_OFFLINE": "1",
    }


def configuration(settings: Settings, model: Path, folder: Path) -> str:
    """Write supervisord's configuration into `folder`; returns its path."""
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    parser = RawConfigParser()
    socket = folder / "supervisor.sock"
    parser["unix_http_server"] = {"file": _plain(socket), "chmod": "0600"}
    parser["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _plain(logs / "supervisord.log"),
        "logfile_maxbytes": LOG_BYTES,
        "pidfile": _plain(folder / "supervisord.pid"),
        "directory": _plain(ROOT),
    }
    parser["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    for name, command in commands(settings, model).items():
        parser[f"program:{name}"] = {
            "command": _plain(shlex.join(command)),
            "autorestart": "true",
            "startsecs": "3",
            "startretries": "5",
            "stopwaitsecs": "12",
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": _plain(logs / f"{name}.log"),
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": "5",
        }
    path = folder / "supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
    return str(path)


def _plain(value: object) -> str:
    """Supervisord expands `%(name)s`: a percent sign of ours is doubled."""
    return str(value).replace("%", "%%")
