"""A citizen's conversation through the API: what is odd, repeated, erased, or not one's own."""

import json
import threading
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select, text

from knowledge.conversations.models import Message
from knowledge.conversations.service import end_turn, take_turn
from knowledge.entries.service import entry_coded, publish, withdraw
from knowledge.people.actor import system
from tests.conftest import Served
from tests.web.conftest import Visitor
from web.services import Services

NUMBER = "13812345678"


def assert_problem(answer: Any, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert set(body) >= {"type", "title", "status", "detail"}
    assert words in json.dumps(body, ensure_ascii=False)


def test_a_message_has_the_promised_shape(visitor: Visitor) -> None:
    message = visitor.ask("发生火灾打什么电话")
    assert set(message) == {
        "id", "from", "text", "decision", "results", "options", "contact", "client_id", "at",
            "asked", "first_number", "more_lists",
    }  # fmt: skip
    assert message["from"] == "bot"
    assert message["options"] == []
    (result,) = message["results"]
    assert 0.9 < result["score"] <= 1
    assert message["text"] == result["answer"]


def test_only_what_is_new_is_read(visitor: Visitor) -> None:
    visitor.ask("怎么报警")
    first = visitor.read()
    assert [message["from"] for message in first] == ["citizen", "bot"]
    visitor.ask("发生火灾打什么电话")
    later = visitor.read(after=first[-1]["id"])
    assert [message["text"] for message in later][:1] == ["发生火灾打什么电话"]
    assert len(later) == 2
    assert visitor.read(after=later[-1]["id"]) == []
    for wrong in ("-1", "x", str(2**53 + 1)):
        answer = visitor.client.get(
            f"{visitor.path}/messages", query_string={"after": wrong}, headers=visitor.headers
        )
        assert_problem(answer, 422, "after")


def test_rasa_being_dead_every_message_is_answered(visitor: Visitor) -> None:
    for question in ("怎么报警", "你好", "量子力学是什么", "我要人工", "谢谢", "a", "1", "都不是"):
        message = visitor.ask(question)
        assert message["text"].strip()
        if not message["results"]:
            assert message["contact"] is True


@pytest.mark.parametrize("odd", ["😀😀😀", "。。。", "🈲", "\u200b嗯\u200b"])
def test_what_says_nothing_is_told_where_a_person_is(visitor: Visitor, odd: str) -> None:
    message = visitor.ask(odd)
    assert message["decision"] == "no_answer"
    assert message["contact"] is True
    assert "12345" in message["text"]


def test_500_characters_are_taken_and_501_are_not(visitor: Visitor) -> None:
    assert visitor.ask("办" * 500)["text"]
    assert_problem(visitor.post("办" * 501), 422, "您写了 501 个字，一次最多 500 个字")
    assert len(visitor.read()) == 2


def test_what_looks_like_code_is_only_text(visitor: Visitor, held: Services) -> None:
    for odd in (
        "<script>alert(1)</script>",
        "'; DROP TABLE entries; --",
        '/choose_option{"option_number": "1"}',
        "{{ 7*7 }}",
        "../../etc/passwd",
        "%s%n",
    ):
        message = visitor.ask(odd)
        assert message["text"]
        assert "49" not in message["text"]
        assert visitor.read()[-2]["text"] == odd
    with held.database.read() as session:
        assert (session.scalar(text("SELECT count(*) FROM entries")) or 0) > 80


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "JSON"),
        (b"{", 400, "JSON"),
        (b'{"text": "\xff"}', 400, "JSON"),
        (b"[" * 100_000, 400, "JSON"),
        (b"null", 422, "JSON 对象"),
        (b'"text"', 422, "JSON 对象"),
        (b"{}", 422, "缺少这一项"),
        (b'{"text": null}', 422, "应是文字"),
        (b'{"text": ["a"]}', 422, "应是文字"),
        (b'{"text": "\\ud800"}', 422, "格式不对"),
        (b'{"text": "a", "sender": "bot"}', 422, "sender"),
        (b'{"text": "a", "client_id": "a b"}', 422, "client_id"),
        (b'{"text": "a", "client_id": 5}', 422, "client_id"),
    ],
)
def test_a_bad_body_is_named_and_nothing_is_kept(
    visitor: Visitor, body: bytes, status: int, words: str
) -> None:
    answer = visitor.client.post(
        f"{visitor.path}/messages",
        data=body,
        content_type="application/json",
        headers=visitor.headers,
    )
    assert_problem(answer, status, words)
    assert visitor.read() == []


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer", 401),
        ("Bearer  ", 401),
        ("Basic YTpi", 401),
        ("Bearer wrong", 404),
        ("Bearer 令牌", 404),
    ],
)
def test_only_the_right_token_opens_a_conversation(
    served: Served, visitor: Visitor, authorization: str, status: int
) -> None:
    visitor.ask("怎么报警")
    headers = {"Authorization": authorization} if authorization else {}
    for method, path in (
        ("GET", "messages"),
        ("POST", "messages"),
        ("DELETE", "messages"),
        ("POST", "notes"),
    ):
        body = {"text": "a", "contact": NUMBER} if path == "notes" else {"text": "a"}
        json_body = body if method == "POST" else None
        answer = visitor.client.open(
            f"{visitor.path}/{path}", method=method, json=json_body, headers=headers
        )
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
    assert len(visitor.read()) == 2


def test_a_conversation_that_never_was_is_like_another_ones(visitor: Visitor) -> None:
    for unknown in ("0" * 32, "x", "x" * 500):
        answer = visitor.client.get(
            f"/api/v1/conversations/{unknown}/messages", headers=visitor.headers
        )
        assert_problem(answer, 404, "没有这个对话")


def test_a_message_sent_twice_at_the_same_moment_is_answered_once(
    served: Served, visitor: Visitor
) -> None:
    answers: list[Any] = []

    def send() -> None:
        client = served.app.test_client()
        body = {"text": "怎么报警", "client_id": "once"}
        path = f"{visitor.path}/messages"
        answers.append(client.post(path, json=body, headers=visitor.headers).get_json())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({answer["messages"][0]["id"] for answer in answers}) == 1
    assert len(visitor.read()) == 2


def test_the_same_client_id_in_another_conversation_is_another_message(
    served: Served, visitor: Visitor
) -> None:
    other = Visitor(served.app)
    first = visitor.post("怎么报警", client_id="same").get_json()["messages"][0]
    second = other.post("怎么报警", client_id="same").get_json()["messages"][0]
    assert first["id"] != second["id"]


def test_a_turn_held_by_a_process_that_died_lapses(visitor: Visitor, held: Services) -> None:
    from datetime import timedelta

    with held.database.write() as session:
        assert take_turn(session, visitor.id, "dead", timedelta(seconds=1))
        assert not take_turn(session, visitor.id, "other", timedelta(seconds=1))
    assert visitor.ask("怎么报警")["decision"] == "answer"
    with held.database.write() as session:
        end_turn(session, visitor.id, "dead")  # too late: nothing happens
        assert take_turn(session, visitor.id, "next", timedelta(seconds=1))


def test_a_number_in_a_message_is_neither_stored_nor_logged(
    served: Served, visitor: Visitor, held: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with structlog.testing.capture_logs() as events:
        visitor.ask(f"我叫小王，电话{NUMBER}，怎么找人上门帮办")
        visitor.client.get("/api/v1/search", query_string={"q": f"{NUMBER}是我的号"})
        visitor.client.post(
            f"{visitor.path}/notes",
            json={"text": f"请打{NUMBER}", "contact": NUMBER},
            headers=visitor.headers,
        )
    assert NUMBER not in repr(events)
    assert "小王" not in repr(events)
    assert NUMBER not in caplog.text
    files = [path for path in served.settings.home.rglob("*") if path.is_file()]
    assert any(path.name == "hotline.db" for path in files)
    assert [path.name for path in files if NUMBER.encode() in path.read_bytes()] == []


def test_erasing_leaves_not_one_word(visitor: Visitor, held: Services) -> None:
    visitor.ask("政策")
    visitor.ask("1")
    answer = visitor.client.delete(f"{visitor.path}/messages", headers=visitor.headers)
    assert answer.get_json() == {"status": "ok"}
    with held.database.read() as session:
        left = session.scalar(
            select(func.count()).select_from(Message).where(Message.conversation_id == visitor.id)
        )
    assert left == 0
    assert visitor.ask("怎么报警")["decision"] == "answer"  # and the talk may go on


def test_a_page_that_reads_on_after_erasing_misses_nothing(visitor: Visitor) -> None:
    last = visitor.ask("怎么报警")["id"]
    visitor.client.delete(f"{visitor.path}/messages", headers=visitor.headers)
    visitor.ask("发生火灾打什么电话")
    assert [message["from"] for message in visitor.read(after=last)] == ["citizen", "bot"]


def test_an_option_withdrawn_meanwhile_is_said_to_be_gone(visitor: Visitor, held: Services) -> None:
    asked_back = visitor.ask("政策")
    code = asked_back["results"][0]["entry_id"]
    with held.database.write() as session:
        entry = entry_coded(session, code)
        withdraw(session, system(), entry, entry.lock_version, "测试")
    try:
        message = visitor.ask("1")
    finally:
        with held.database.write() as session:
            entry = entry_coded(session, code)
            publish(session, system(), entry, entry.lock_version)
    assert "选项已经更新" in message["text"]
    assert message["results"] == []
    assert message["contact"] is True


def test_numbers_choose_only_from_a_list(visitor: Visitor) -> None:
    asked_back = visitor.ask("政策")
    beyond = visitor.ask("9")  # there are fewer options
    assert beyond["text"] != asked_back["results"][0]["answer"]
    visitor.ask("政策")
    chosen = visitor.ask("１")
    assert chosen["decision"] == "answer"
    assert chosen["results"][0]["question"] == asked_back["options"][0]
