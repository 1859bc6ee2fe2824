"""The gateway and Rasa: what Rasa says, what happens when it is slow, silent or talks nonsense."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from knowledge.settings import Settings
from tests.conftest import Served
from tests.web.conftest import Visitor
from tests.web.stand_in_rasa import StandInRasa
from web.gateway.rasa import RasaClient, RasaError
from web.gateway.service import Gateway
from web.services import Services

DEADLINE = 0.6


@pytest.fixture
def rasa() -> Iterator[StandInRasa]:
    server = StandInRasa()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def app(served: Served, held: Services, rasa: StandInRasa) -> Iterator[Flask]:
    """The app over the seeded base with Rasa there, and little patience."""
    from web.app import create_app

    settings: Settings = served.settings.model_copy(update={"reply_seconds": DEADLINE})
    client = RasaClient(rasa.url)
    gateway = Gateway(settings, held.database, held.search, client)
    made = create_app(replace(held, settings=settings, rasa=client, gateway=gateway))
    made.testing = True
    yield made
    client.close()


@pytest.fixture
def citizen(app: Flask) -> Visitor:
    return Visitor(app)


def entry_ids(held: Services, question: str) -> list[int]:
    return [hit.entry_id for hit in held.search.search(question).hits]


def searched(held: Services, question: str, decision: str) -> dict[str, Any]:
    hits = [
        {"entry_id": number, "matched_phrasing": question, "score": 0.4}
        for number in entry_ids(held, question)
    ]
    return {"custom": {"kind": "search", "decision": decision, "hits": hits, "took_ms": 2.0}}


def test_what_rasa_says_is_what_the_citizen_reads(citizen: Visitor, rasa: StandInRasa) -> None:
    rasa.reply({"text": "您好，请说您的问题。"}, {"text": "我在听。"})
    answer = citizen.post("您好")
    texts = [message["text"] for message in answer.get_json()["messages"]]
    assert texts == ["您好，请说您的问题。", "我在听。"]
    assert rasa.heard == [{"sender": citizen.id, "message": "您好"}]


def test_personal_data_does_not_reach_rasa(citizen: Visitor, rasa: StandInRasa) -> None:
    rasa.reply({"text": "好"})
    citizen.ask("我的电话是13812345678")
    assert rasa.heard[0]["message"] == "我的电话是[手机号]"


def test_nobody_gives_rasa_commands(citizen: Visitor, rasa: StandInRasa) -> None:
    rasa.reply({"text": "好"})
    for typed, heard in (
        ("/restart", "restart"),
        ("//restart", "restart"),
        (" / restart", "restart"),
        ('/choose_option{"option_number": "1"}', 'choose_option{"option_number": "1"}'),
        ("/", "？"),
    ):
        citizen.ask(typed)
        assert rasa.heard[-1]["message"] == heard


def test_an_answer_is_read_from_the_base_not_from_rasa(
    citizen: Visitor, rasa: StandInRasa, held: Services
) -> None:
    rasa.reply(searched(held, "发生火灾打什么电话", "answer"))
    message = citizen.ask("着火了")
    assert message["decision"] == "answer"
    assert message["results"][0]["entry_id"] == "hc-numbers-02"


def test_choosing_goes_through_rasa_and_rasas_answer_counts(
    citizen: Visitor, rasa: StandInRasa, held: Services
) -> None:
    ids = entry_ids(held, "政策")
    rasa.reply(searched(held, "政策", "clarify"))
    asked_back = citizen.ask("政策")
    assert len(asked_back["options"]) == len(ids)
    rasa.reply({"custom": {"kind": "chosen", "entry_id": ids[1]}})
    message = citizen.ask("2")
    assert rasa.heard[-1]["message"] == '/choose_option{"option_number": "2"}'
    assert message["results"][0]["question"] == asked_back["options"][1]


def test_a_rasa_that_forgot_its_list_does_not_lose_the_citizens_choice(
    citizen: Visitor, rasa: StandInRasa, held: Services
) -> None:
    rasa.reply(searched(held, "政策", "clarify"))
    asked_back = citizen.ask("政策")
    rasa.reply({"text": "请重新提问。"})
    message = citizen.ask(asked_back["options"][0])
    assert message["results"][0]["question"] == asked_back["options"][0]
    rasa.reply(searched(held, "政策", "clarify"))
    citizen.ask("政策")
    rasa.reply({"text": "请重新提问。"})
    none = citizen.ask("都不是")
    assert rasa.heard[-1]["message"] == "/none_of_these"
    assert none["decision"] == "no_answer"


def test_asking_for_a_person_says_where_one_is(citizen: Visitor, rasa: StandInRasa) -> None:
    rasa.reply({"custom": {"kind": "handoff"}})
    message = citizen.ask("我要人工")
    assert message["contact"] is True
    assert "12345" in message["text"]


def says(content: bytes, status: int = 200) -> Callable[[StandInRasa], None]:
    def prepare(rasa: StandInRasa) -> None:
        rasa.says, rasa.status = content, status

    return prepare


@pytest.mark.parametrize(
    "nonsense",
    [
        says(b"[]"),
        says(b""),
        says(b"<html>"),
        says(b"{}"),
        says(b"null"),
        says(b'["text"]'),
        says(b"[{}]"),
        says(b'[{"text": ""}]'),
        says(b'[{"custom": "x"}]'),
        says(b"[]", 500),
        says(b"[]", 404),
    ],
)
def test_nonsense_from_rasa_is_answered_by_retrieval(
    citizen: Visitor, rasa: StandInRasa, nonsense: Callable[[StandInRasa], None]
) -> None:
    nonsense(rasa)
    message = citizen.ask("发生火灾打什么电话")
    assert message["results"][0]["entry_id"] == "hc-numbers-02"
    assert rasa.heard


@pytest.mark.parametrize(
    "custom",
    [
        {},
        {"kind": "unknown"},
        {"kind": "search"},
        {"kind": "search", "decision": "answer", "hits": [{}]},
        {"kind": "search", "decision": "maybe", "hits": [], "took_ms": 1},
        {"kind": "search", "decision": "answer", "hits": [], "took_ms": 1},
        {"kind": "chosen"},
        {"kind": "chosen", "entry_id": 10**9},
    ],
)
def test_an_unknown_shape_from_the_actions_is_never_silence(
    citizen: Visitor, rasa: StandInRasa, custom: dict[str, Any]
) -> None:
    rasa.reply({"custom": custom})
    message = citizen.ask("发生火灾打什么电话")
    assert message["text"]


def test_a_slow_rasa_is_not_waited_for(citizen: Visitor, rasa: StandInRasa) -> None:
    rasa.waits = DEADLINE * 3
    rasa.reply({"text": "太晚了"})
    started = time.monotonic()
    message = citizen.ask("发生火灾打什么电话")
    assert time.monotonic() - started < DEADLINE + 1.0
    assert message["results"][0]["entry_id"] == "hc-numbers-02"
    time.sleep(DEADLINE * 3)
    assert len(citizen.read()) == 2  # what came too late is not said


def test_after_three_failures_rasa_is_left_alone_for_a_while(
    citizen: Visitor, rasa: StandInRasa
) -> None:
    rasa.status = 500
    for _ in range(5):
        assert citizen.ask("怎么报警")["text"]
    assert len(rasa.heard) == 3


def test_one_failure_is_forgiven(rasa: StandInRasa) -> None:
    client = RasaClient(rasa.url)
    for _ in range(4):
        rasa.status = 500
        for _ in range(2):
            with pytest.raises(RasaError, match="unreachable"):
                client.send("s", "m", 1)
        rasa.status = 200
        rasa.reply({"text": "好"})
        assert client.send("s", "m", 1) == [{"text": "好"}]
    client.close()


def test_messages_of_one_conversation_are_answered_in_their_order(
    app: Flask, citizen: Visitor, rasa: StandInRasa
) -> None:
    rasa.waits = 0.1
    rasa.reply({"text": "好"})

    def send(text: str) -> None:
        app.test_client().post(
            f"{citizen.path}/messages", json={"text": text}, headers=citizen.headers
        )

    threads = [threading.Thread(target=send, args=(text,)) for text in "一二三"]
    for thread in threads:
        thread.start()
        time.sleep(0.08)
    for thread in threads:
        thread.join()
    said = [(message["from"], message["text"]) for message in citizen.read()]
    assert said == [
        ("citizen", "一"), ("bot", "好"),
        ("citizen", "二"), ("bot", "好"),
        ("citizen", "三"), ("bot", "好"),
    ]  # fmt: skip


def test_who_sends_faster_than_can_be_answered_is_told(
    app: Flask, citizen: Visitor, rasa: StandInRasa
) -> None:
    rasa.waits = 0.4
    rasa.reply({"text": "好"})
    statuses: list[int] = []

    def send(number: int) -> None:
        answer = app.test_client().post(
            f"{citizen.path}/messages", json={"text": f"第{number}条"}, headers=citizen.headers
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200, 429}
    asked = [message for message in citizen.read() if message["from"] == "citizen"]
    assert len(asked) == statuses.count(200)


def test_erasing_while_an_answer_is_on_its_way_is_no_error(
    app: Flask, citizen: Visitor, rasa: StandInRasa
) -> None:
    rasa.waits = 0.3
    rasa.reply({"text": "好"})
    answers: list[Any] = []
    other = Visitor(app)
    asking = threading.Thread(target=lambda: answers.append(citizen.post("怎么报警")))
    also = threading.Thread(target=lambda: other.post("我也在问"))
    for thread in (asking, also):
        thread.start()
        time.sleep(0.08)
    erased = app.test_client().delete(f"{citizen.path}/messages", headers=citizen.headers)
    asking.join()
    also.join()
    assert erased.status_code == 200
    assert answers[0].status_code < 500
    assert citizen.post("怎么报警").status_code == 200
