"""Starts supervisord, watches the processes, and ends them all."""

import ctypes
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from knowledge.settings import Settings
from web.serving.processes import NAMES, WEB, configuration, environment

PARENT_DIED = 1  # PR_SET_PDEATHSIG
STOP_SECONDS = 25


class Supervisor:
    """The running processes of one installation."""

    def __init__(self, settings: Settings, model: Path, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-"))  # a socket's path must be short
        conf = configuration(settings, model, self._folder)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", conf],
            env=environment(settings),
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc, no threads yet
            stdin=subprocess.DEVNULL,
        )
        self._seen: dict[str, tuple[int, str]] = {}

    def running(self) -> bool:
        """Tell whether the processes are looked after, and the web process did not give up."""
        if self._child.poll() is not None:
            self._say("进程管理器意外退出，正在结束全部进程。")
            return False
        return self._seen.get(WEB, (0, ""))[1] != "FATAL"

    def watch(self) -> None:
        """Name each process that died, came back or gave up since the last look."""
        for info in self._processes():
            name, now = info["name"], (info["pid"], info["statename"])
            before = self._seen.get(name)
            self._seen[name] = now
            if before is None or before == now:
                continue
            self._tell(name, before, now)

    def processes(self) -> dict[str, int]:
        """Return the process id of each running process."""
        return {info["name"]: info["pid"] for info in self._processes() if info["pid"]}

    def stop(self) -> None:
        """End every process: asked first, then killed."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, name: str, before: tuple[int, str], now: tuple[int, str]) -> None:
        log = self._settings.home / "logs" / f"{name}.log"
        if now[1] == "FATAL":
            self._say(f"{NAMES[name]}反复启动失败，已放弃。原因见日志：{log}")
        elif now[1] in {"BACKOFF", "EXITED"} or (before[0] and now[0] and before[0] != now[0]):
            self._say(f"{NAMES[name]}退出了，正在重新启动。日志：{log}")

    def _processes(self) -> list[dict[str, Any]]:
        """Ask supervisord; a transport that failed is of no more use: each look has its own."""
        transport: Any = SupervisorTransport(None, None, f"unix://{self._folder}/supervisor.sock")
        try:
            found: Any = ServerProxy("http://127.0.0.1", transport).supervisor.getAllProcessInfo()
        except (OSError, HTTPException, Fault):
            return []
        return list(found)


def _die_with_parent() -> None:
    """Linux: if this program is killed outright, its supervisord is told to end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGTERM)
