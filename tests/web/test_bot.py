"""Whatever Rasa says, the citizen gets an answer: what cannot be shown counts as silence."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.conftest import Served
from web.gateway.bot import Bot
from web.gateway.rasa import RasaClient
from web.services import KEY

HIT = {"entry_id": 1, "matched_phrasing": "问", "score": 0.9}
SEARCH = {"kind": "search", "decision": "answer", "hits": [HIT], "took_ms": 1.0}


@pytest.fixture
def said() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def rasa(said: list[dict[str, Any]]) -> Iterator[RasaClient]:
    """A server in Rasa's place that says what the test tells it to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = RasaClient(f"http://127.0.0.1:{server.server_port}")
    yield client
    client.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "custom",
    [
        "text",
        {},
        {"kind": "unknown"},
        {"kind": "chosen"},
        {"kind": "chosen", "entry_id": "1"},
        {"kind": "search"},
        SEARCH | {"decision": "perhaps"},
        SEARCH | {"hits": None},
        SEARCH | {"hits": [{"score": 1}]},
        SEARCH | {"hits": [HIT | {"score": "high"}]},
        SEARCH | {"took_ms": None},
        {"kind": "asked", "parts": [], "left": []},
        {"kind": "asked", "parts": [SEARCH], "left": []},
        {"kind": "asked", "parts": [SEARCH | {"query": "问"}], "left": [1]},
        {"kind": "asked", "parts": [SEARCH | {"query": "问", "hits": None}], "left": []},
    ],
)
def test_a_malformed_reply_is_answered_by_retrieval(
    served: Served, rasa: RasaClient, said: list[dict[str, Any]], custom: Any
) -> None:
    said.append({"custom": custom})
    bot = Bot(rasa, served.app.extensions[KEY].search, 4)
    reply = bot.ask("sender", "发生火灾打什么电话", None)
    assert reply.searched[0].hits[0].code == "hc-numbers-02"
    assert reply.said[0]["custom"]["decision"] == "answer"


def test_a_good_reply_is_taken_as_it_is(
    served: Served, rasa: RasaClient, said: list[dict[str, Any]]
) -> None:
    said.append({"custom": SEARCH})
    bot = Bot(rasa, served.app.extensions[KEY].search, 4)
    assert list(bot.ask("sender", "问", None).said) == [{"custom": SEARCH}]
