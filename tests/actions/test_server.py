"""The action server over real HTTP, with a searcher that stands in."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from actions.timed_search import TimedSearch
from actions.web_app import build_executor

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """One server process and a client to it."""

    def __init__(self, opening_seconds: float, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.log = log
        with log.open("w") as lines:
            command = [sys.executable, "-m", "tests.actions.stand_in", str(port)]
            self.process = subprocess.Popen(
                [*command, str(opening_seconds), "5"], cwd=ROOT, stdout=lines, stderr=lines
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False)

    def status(self, path: str) -> int:
        """Return the status of a page, 0 while nobody listens."""
        try:
            return self.client.get(path).status_code
        except httpx.TransportError:
            return 0

    def wait(self, path: str, status: int) -> None:
        """Wait until a page has this status, 20 s at most."""
        deadline = time.monotonic() + 20
        while self.status(path) != status:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def wait_for_event(self, event: str) -> None:
        """Wait until the log has this event, 20 s at most."""
        deadline = time.monotonic() + 20
        while event not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def call(self, action: str, text: str, intent: str = "question") -> httpx.Response:
        """Call an action as Rasa does."""
        latest = {"text": text, "intent": {"name": intent}, "entities": []}
        tracker = {"sender_id": "someone", "slots": {}, "latest_message": latest, "events": []}
        call = {"next_action": action, "tracker": tracker, "version": "3.6.21", "domain": {}}
        return self.client.post("/webhook", json=call)

    def stop(self) -> int:
        """End it as a supervisor does; returns the exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(0, tmp_path_factory.mktemp("actions") / "log")
    server.wait("/ready", 200)
    yield server
    server.stop()


def test_actions_and_domain_agree() -> None:
    domain: Any = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))
    search = TimedSearch()
    assert sorted(build_executor(search).actions) == sorted(domain["actions"])
    search.close()


def test_a_search_over_http(served: Served) -> None:
    answer = served.call("action_search", "社保")
    assert answer.status_code == 200
    assert answer.json()["responses"][0]["custom"]["decision"] == "clarify"
    assert answer.json()["events"][0]["value"] == [21, 22, 23]


def test_an_error_carries_nothing_of_the_conversation(served: Served) -> None:
    answer = served.call("action_search", "坏掉的路灯")
    assert answer.status_code == 500
    assert answer.json() == {"error": "RuntimeError"}
    assert "路灯" not in served.log.read_text()
    assert "action_failed" in served.log.read_text()


def test_an_unknown_action_is_named(served: Served) -> None:
    answer = served.call("action_nothing", "x")
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_nothing"


def test_rubbish_is_refused_quietly(served: Served) -> None:
    assert served.client.post("/webhook", content=b"{").status_code == 400
    assert served.client.post("/webhook", content=b"x" * 2_100_000).status_code == 413
    assert served.status("/nothing") == 404


def test_a_slow_search_delays_nobody_else(served: Served) -> None:
    took: dict[str, float] = {}

    def timed(name: str, text: str) -> None:
        started = time.perf_counter()
        served.call("action_search", text)
        took[name] = time.perf_counter() - started

    slow = threading.Thread(target=timed, args=("slow", "慢"))
    slow.start()
    time.sleep(0.2)
    timed("quick", "居住证")
    slow.join()
    assert took["quick"] < 0.5
    assert 2.8 < took["slow"] < 4


def test_events_are_logged_without_texts(served: Served) -> None:
    served.call("action_search", "居住证怎么办")
    lines = served.log.read_text().splitlines()
    searched = [json.loads(line) for line in lines if '"searched"' in line]
    assert searched[-1]["decision"] == "answer"
    assert searched[-1]["took_ms"] == 1.5
    assert "居住证" not in "".join(lines)
    assert "might not be compatible" not in "".join(lines)


def test_it_is_alive_before_it_is_ready_and_ends_cleanly(tmp_path: Path) -> None:
    server = Served(1.5, tmp_path / "log")
    server.wait("/health", 200)
    assert server.status("/ready") == 503
    assert server.call("action_search", "居住证").json()["responses"] == []
    server.wait("/ready", 200)
    assert server.stop() == 0
    assert "closed" in server.log.read_text().splitlines()


def test_it_ends_promptly_while_still_opening(tmp_path: Path) -> None:
    server = Served(60, tmp_path / "log")
    server.wait("/health", 200)
    server.wait_for_event("search_opening")  # Sanic listens just before it minds signals
    assert server.stop() == 0


def test_it_ends_with_an_error_when_search_cannot_be_opened(tmp_path: Path) -> None:
    server = Served(-1, tmp_path / "log")
    assert server.process.wait(timeout=20) == 1
    server.client.close()
    assert "search_not_opened" in server.log.read_text()
    assert "没有模型" in server.log.read_text()


def test_a_bad_setting_stops_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "actions.server"],
        cwd=ROOT,
        env={**os.environ, "HOTLINE_ACTIONS_PORT": "none", "HOTLINE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "HOTLINE_ACTIONS_PORT" in done.stderr
