"""The whole system as a child process, on ports of its own: for benchmarks and tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from knowledge.errors import KnowledgeError
from knowledge.settings import Settings

STOP_SECONDS = 40


class StackError(KnowledgeError):
    """The system did not come up; the message holds what it said."""


class Stack:
    """`hotline run` in a child process with its own data folder and ports."""

    def __init__(self, home: Path, settings: dict[str, str] | None = None) -> None:
        ports = free_ports(3)
        self.home = home
        self.settings = Settings(
            home=home, port=ports[0], rasa_port=ports[1], actions_port=ports[2]
        )
        self.url = f"http://127.0.0.1:{ports[0]}"
        self._environment = os.environ | {
            "HOTLINE_HOME": str(home),
            "HOTLINE_PORT": str(ports[0]),
            "HOTLINE_RASA_PORT": str(ports[1]),
            "HOTLINE_ACTIONS_PORT": str(ports[2]),
            **(settings or {}),
        }
        self._output = home / "run.out"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 240) -> float:
        """Start and wait until everything is ready; returns the seconds that took.

        Raises:
            StackError: it ended, or was not ready in time.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with self._output.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "run"],
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        while time.monotonic() - started < seconds:
            if self._child.poll() is not None:
                raise StackError(f"启动失败：\n{self.said()}")
            if self.ready():
                return time.monotonic() - started
            time.sleep(0.2)
        self.stop()
        raise StackError(f"{seconds:.0f} 秒内没有就绪：\n{self.said()}")

    def ready(self) -> bool:
        """Tell whether `/readyz` says so."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        """Return what it printed to the terminal."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """The process id of `hotline run`."""
        if self._child is None:
            raise StackError("还没有启动")
        return self._child.pid

    def stop(self) -> int:
        """Press Ctrl-C and wait for the end; returns the exit code."""
        if self._child is None:
            return 0
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        return self._child.returncode


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
