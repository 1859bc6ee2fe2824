"""A small HTTP server in the place of Rasa: it says what the test tells it to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class StandInRasa(ThreadingHTTPServer):
    """Answers every message with `says`, after `waits` seconds; remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Channel)
        self.says: bytes = b"[]"
        self.status = 200
        self.waits = 0.0
        self.heard: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def reply(self, *messages: dict[str, Any]) -> None:
        self.says = json.dumps(messages).encode()


class _Channel(BaseHTTPRequestHandler):
    server: StandInRasa

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.heard.append(json.loads(self.rfile.read(length)))
        time.sleep(self.server.waits)
        try:
            self.send_response(self.server.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(self.server.says)
        except OSError:
            return  # the caller did not wait

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output quiet."""


@contextmanager
def standing_in() -> Iterator[StandInRasa]:
    """Serve until the end."""
    server = StandInRasa()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
