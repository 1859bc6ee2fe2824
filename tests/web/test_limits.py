"""Who asks too often is told so, and nobody else is held up."""

from typing import Any

from flask import Flask

from tests.web.conftest import Visitor, own_address


def assert_too_often(answer: Any) -> None:
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["title"] == "太频繁了"
    assert "12345" in body["detail"]
    assert int(answer.headers["Retry-After"]) > 0


def test_a_conversation_has_its_messages_a_minute(strict_app: Flask) -> None:
    hasty = Visitor(strict_app)
    assert [hasty.post("怎么报警").status_code for _ in range(2)] == [200, 200]
    assert_too_often(hasty.post("怎么报警"))
    assert len(hasty.read()) == 4  # what was refused was not stored
    assert Visitor(strict_app).ask("怎么报警")["decision"] == "answer"


def test_an_address_has_its_messages_a_minute_over_all_conversations(strict_app: Flask) -> None:
    first = Visitor(strict_app)
    for _ in range(2):
        first.ask("怎么报警")
    for _ in range(2):
        other = Visitor(strict_app)
        other.client = first.client
        other.ask("怎么报警")
        sent = other.post("怎么报警")
    assert sent.status_code == 429
    assert_too_often(sent)


def test_an_address_has_its_searches_a_minute(strict_app: Flask) -> None:
    client = own_address(strict_app)
    for path in ("search?q=报警", "suggest?q=报警", "frequent", "search?q=报警"):
        assert client.get(f"/api/v1/{path}").status_code == 200
    assert_too_often(client.get("/api/v1/search?q=报警"))
    assert_too_often(client.get("/api/v1/suggest?q=报警"))
    assert own_address(strict_app).get("/api/v1/search?q=报警").status_code == 200


def test_an_address_has_its_new_conversations_an_hour(strict_app: Flask) -> None:
    client = own_address(strict_app)
    opened = [client.post("/api/v1/conversations") for _ in range(4)]
    assert [answer.status_code for answer in opened] == [201, 201, 201, 429]
    assert_too_often(opened[-1])


def test_without_a_trusted_proxy_nobody_writes_their_own_address(strict_app: Flask) -> None:
    client = own_address(strict_app)
    answers = [
        client.post("/api/v1/conversations", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(4)
    ]
    assert_too_often(answers[-1])
