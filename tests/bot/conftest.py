"""One trained model and one parsing process for the whole run."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Parser:
    """Sends messages to `bot.parse` in Rasa's own Python, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, text: str) -> dict[str, Any]:
        """Return text, intent, confidence and option_numbers of one message (one line)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class RasaSide:
    """Runs Python code where Rasa is installed."""

    def __init__(self, python: Path) -> None:
        self.python = python

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run to the end in the repository's root; never raises on a bad exit code."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def facts(self, script: str) -> dict[str, Any]:
        """Run a script of `rasa_side/` and return the JSON object that it prints last."""
        done = self.run(str(Path("tests") / "bot" / "rasa_side" / script))
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture(scope="session")
def rasa() -> RasaSide:
    """Rasa's Python: HOTLINE_RASA_PYTHON, else .venv-rasa beside the project's own."""
    python = Path(os.environ.get("HOTLINE_RASA_PYTHON", ROOT / ".venv-rasa" / "bin" / "python"))
    if not python.exists():
        pytest.skip(f"no Rasa environment at {python} (set HOTLINE_RASA_PYTHON)")
    return RasaSide(python)


@pytest.fixture(scope="session")
def model(rasa: RasaSide, pytestconfig: pytest.Config) -> Path:
    """The trained model's folder; trained anew only if something changed."""
    assert pytestconfig.cache is not None
    folder = Path(pytestconfig.cache.mkdir("rasa-model"))
    done = rasa.run("-m", "bot.train", "--output", str(folder))
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    return folder


@pytest.fixture(scope="session")
def parse(rasa: RasaSide, model: Path) -> Iterator[Parser]:
    """What the trained model makes of a message."""
    with subprocess.Popen(
        [str(rasa.python), "-m", "bot.parse", "--model", str(model)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield Parser(process)
        assert process.stdin is not None
        process.stdin.close()


def free_port() -> int:
    """Return a port of the loopback address that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
