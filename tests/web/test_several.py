"""A message that asks several things: each answer under its own question, numbers that mean one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge.queries.models import Query
from knowledge.settings import Settings
from tests.conftest import Served
from tests.web.conftest import Visitor
from tests.web.stand_in_rasa import StandInRasa, standing_in
from web.gateway.rasa import RasaClient
from web.gateway.service import Gateway
from web.services import Services

FIRE, LAW = "发生火灾打什么电话", "法律援助打什么电话"


@pytest.fixture
def rasa() -> Iterator[StandInRasa]:
    with standing_in() as server:
        yield server


@pytest.fixture
def citizen(served: Served, held: Services, rasa: StandInRasa) -> Iterator[Visitor]:
    from web.app import create_app

    settings: Settings = served.settings
    client = RasaClient(rasa.url)
    gateway = Gateway(settings, held.database, held.search, client)
    app: Flask = create_app(replace(held, rasa=client, gateway=gateway))
    app.testing = True
    yield Visitor(app)
    client.close()


def part(held: Services, question: str, decision: str, searched: str = "") -> dict[str, Any]:
    hits = [
        {"entry_id": hit.entry_id, "matched_phrasing": question, "score": 0.4}
        for hit in held.search.search(searched or question).hits
    ]
    return {
        "kind": "search", "query": question, "decision": decision, "hits": hits, "took_ms": 2.0,
    }  # fmt: skip


def said(visitor: Visitor, text: str) -> list[dict[str, Any]]:
    answer = visitor.post(text)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.get_json()["messages"]
    return messages


def test_without_rasa_both_are_answered_rated_and_logged_by_themselves(
    visitor: Visitor, held: Services
) -> None:
    first, second = said(visitor, f"{FIRE}，另外{LAW}")
    assert [first["asked"], second["asked"]] == [FIRE, LAW]
    assert first["results"][0]["entry_id"] == "hc-numbers-02"
    assert second["results"][0]["entry_id"] == "hc-numbers-10"
    for message in (first, second):
        body = {"conversation_id": visitor.id, "message_id": message["id"], "useful": True}
        rated = visitor.client.post("/api/v1/feedback", json=body, headers=visitor.headers)
        assert rated.status_code == 201
    with held.database.read() as session:
        logged = session.scalars(select(Query.text).order_by(Query.id.desc()).limit(2)).all()
    assert sorted(logged) == sorted([FIRE, LAW])


def test_one_question_stands_under_no_label(visitor: Visitor) -> None:
    assert [message["asked"] for message in said(visitor, FIRE)] == [None]


def test_what_is_unknown_comes_last_and_is_named(visitor: Visitor) -> None:
    answered, unknown = said(visitor, f"红烧肉怎么做？另外{FIRE}？")
    assert answered["asked"] == FIRE
    assert unknown["asked"] == "红烧肉怎么做"
    assert unknown["decision"] == "no_answer"
    assert unknown["contact"] is True
    assert "这一问" in unknown["text"]


def test_a_number_picks_from_the_list_in_which_it_stands(
    citizen: Visitor, rasa: StandInRasa, held: Services
) -> None:
    parts = [
        part(held, "政策", "clarify"),
        part(held, FIRE, "answer"),
        part(held, "窗口", "clarify"),
    ]
    rasa.reply({"custom": {"kind": "asked", "parts": parts, "left": ["还有一问"]}})
    answered, one, two, left = said(citizen, "几个问题")
    assert answered["decision"] == "answer"
    assert (one["first_number"], one["more_lists"]) == (1, True)
    assert (two["first_number"], two["more_lists"]) == (len(one["options"]) + 1, False)
    assert len(one["options"]) + len(two["options"]) <= 9
    assert "“还有一问”" in left["text"]
    rasa.reply({"text": "忘了"})
    number = two["first_number"] + 1
    picked = citizen.ask(str(number))
    assert rasa.heard[-1]["message"] == f'/choose_option{{"option_number": "{number}"}}'
    assert picked["results"][0]["question"] == two["options"][1]


def test_a_list_whose_entries_are_all_gone_counts_as_unknown(
    citizen: Visitor, rasa: StandInRasa, held: Services
) -> None:
    gone = part(held, "政策", "clarify") | {"hits": []}
    rasa.reply({"custom": {"kind": "asked", "parts": [gone, gone], "left": []}})
    (message,) = said(citizen, "两个问题")
    assert message["decision"] == "no_answer"
    assert "这几问" in message["text"]
