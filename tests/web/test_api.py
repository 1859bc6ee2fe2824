"""The JSON API, as programs and the citizen's page use it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import select

from knowledge.conversations.models import Message
from knowledge.feedback.models import Feedback
from knowledge.notes.models import Note
from knowledge.queries.models import Query
from tests.conftest import Served
from web.services import KEY, Services


class Citizen:
    """A citizen with a conversation."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        opened = client.post("/api/v1/conversations").get_json()
        self.id, self.token = opened["id"], opened["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, text: str, **more: Any) -> Any:
        path = f"/api/v1/conversations/{self.id}/messages"
        return self.client.post(path, json={"text": text, **more}, headers=self.headers)

    def ask(self, text: str, **more: Any) -> dict[str, Any]:
        answer = self.post(text, **more)
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.get_json()["messages"]
        return messages[-1]

    def said(self) -> list[dict[str, Any]]:
        path = f"/api/v1/conversations/{self.id}/messages"
        messages: list[dict[str, Any]] = self.client.get(path, headers=self.headers).get_json()[
            "messages"
        ]
        return messages


@pytest.fixture
def client(served: Served) -> Iterator[FlaskClient]:
    with served.app.test_client() as client:
        yield client


@pytest.fixture
def citizen(client: FlaskClient) -> Citizen:
    return Citizen(client)


@pytest.fixture
def held(served: Served) -> Services:
    services: Services = served.app.extensions[KEY]
    return services


def assert_problem(answer: Any, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == status
    assert words in json.dumps(body, ensure_ascii=False)


def test_search_finds_the_entry_and_says_what_it_is_worth(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search", query_string={"q": "发生火灾打什么电话", "limit": 3})
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["decision"] == "answer"
    best = body["results"][0]
    assert best["entry_id"] == "hc-numbers-02"
    assert best["score"] > 0.9
    assert best["legal_basis"] == "国办发〔2020〕53号"
    assert {"matched_phrasing", "answer", "spoken_answer", "department", "category"} <= best.keys()
    assert len(body["results"]) == 3


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "缺少"),
        ({"q": ""}, "不能为空"),
        ({"q": "字" * 501}, "最多 500"),
        ({"q": "你好", "limit": "0"}, "不能小于 1"),
        ({"q": "你好", "limit": "21"}, "不能大于 20"),
        ({"q": "你好", "limit": "x"}, "整数"),
        ({"q": "你好", "colour": "red"}, "没有这个参数"),
    ],
)
def test_bad_search_parameters_are_named(
    client: FlaskClient, parameters: dict[str, str], words: str
) -> None:
    assert_problem(client.get("/api/v1/search", query_string=parameters), 422, words)


def test_a_citizen_is_answered_though_rasa_is_dead(citizen: Citizen) -> None:
    message = citizen.ask("发生火灾打什么电话")
    assert message["from"] == "bot"
    assert message["decision"] == "answer"
    assert message["results"][0]["entry_id"] == "hc-numbers-02"
    assert "<p>" in message["results"][0]["answer_html"]


def test_asking_back_and_choosing_by_number_label_and_none(citizen: Citizen) -> None:
    first = citizen.ask("政策")
    assert first["decision"] == "clarify"
    assert 2 <= len(first["options"]) <= 5
    assert citizen.ask("2")["results"][0]["question"] == first["options"][1]
    again = citizen.ask("政策")
    assert citizen.ask(again["options"][0])["results"][0]["question"] == again["options"][0]
    citizen.ask("政策")
    none = citizen.ask("都不是")
    assert none["decision"] == "no_answer"
    assert none["contact"] is True


@pytest.mark.parametrize(
    "text", ["😀😀😀", "<script>alert(1)</script>", "'; DROP TABLE entries; --", "/restart", "？？"]
)
def test_odd_messages_get_an_honest_answer(citizen: Citizen, text: str) -> None:
    message = citizen.ask(text)
    assert message["decision"] in {"no_answer", "clarify"}
    assert message["text"]
    assert citizen.said()[0]["text"] == text


def test_control_characters_are_dropped(citizen: Citizen) -> None:
    citizen.ask("报\x00警\x1b打什么\u202e电话")
    assert citizen.said()[0]["text"] == "报警打什么电话"


@pytest.mark.parametrize(
    ("text", "words"), [("", "请输入"), ("  \n", "请输入"), ("字" * 501, "最多 500")]
)
def test_empty_and_long_messages_are_refused(citizen: Citizen, text: str, words: str) -> None:
    assert_problem(citizen.post(text), 422, words)
    assert citizen.said() == []


def test_what_is_not_json_is_refused(citizen: Citizen) -> None:
    path = f"/api/v1/conversations/{citizen.id}/messages"

    def send(data: bytes, kind: str = "application/json") -> Any:
        return citizen.client.post(path, data=data, content_type=kind, headers=citizen.headers)

    assert_problem(send(b"{not json"), 400, "JSON")
    assert_problem(send(b"[1]"), 422, "JSON 对象")
    assert_problem(send(b'{"text": 5}'), 422, "应是文字")
    assert_problem(send(b'{"text": "a", "x": 1}'), 422, "没有这个参数")
    assert_problem(send(b"text=a", "text/plain"), 415, "application/json")
    assert_problem(send(b" " * (10 * 2**20)), 413, "太大")


def test_nobody_reads_or_writes_another_ones_conversation(client: FlaskClient) -> None:
    mine, other = Citizen(client), Citizen(client)
    mine.ask("怎么报警")
    path = f"/api/v1/conversations/{mine.id}/messages"
    assert_problem(client.get(path), 401, "凭据")
    assert_problem(client.get(path, headers=other.headers), 404, "没有这个对话")
    assert_problem(client.post(path, json={"text": "a"}, headers=other.headers), 404, "没有")
    assert_problem(client.delete(path, headers=other.headers), 404, "没有")
    assert len(mine.said()) == 2


def test_a_message_sent_twice_is_answered_once(citizen: Citizen) -> None:
    first = citizen.ask("怎么报警", client_id="abc")
    second = citizen.ask("怎么报警", client_id="abc")
    assert first["id"] == second["id"]
    assert len(citizen.said()) == 2


def test_personal_data_is_kept_nowhere(citizen: Citizen, held: Services, served: Served) -> None:
    citizen.ask("我叫小王，电话１３８ 1234-5678，身份证350203199001011234，怎么找人上门帮办")
    with held.database.read() as session:
        texts = session.scalars(
            select(Message.text).where(Message.conversation_id == citizen.id)
        ).all()
        queries = session.scalars(select(Query.text)).all()
    assert "[手机号]" in texts[0]
    assert "[身份证号]" in texts[0]
    for text in [*texts, *queries]:
        assert "5678" not in text
        assert "19900101" not in text


def test_feedback_is_tied_to_the_answer(client: FlaskClient, held: Services) -> None:
    mine, other = Citizen(client), Citizen(client)
    message = mine.ask("怎么报警")
    verdict = {"conversation_id": mine.id, "message_id": message["id"], "useful": False}
    sent = client.post(
        "/api/v1/feedback", json=verdict | {"reason": "outdated"}, headers=mine.headers
    )
    assert sent.status_code == 201
    with held.database.read() as session:
        stored = session.scalars(select(Feedback).where(Feedback.message_id == message["id"])).one()
    assert (stored.useful, stored.reason) == (False, "outdated")
    foreign = verdict | {"conversation_id": other.id}
    assert_problem(
        client.post("/api/v1/feedback", json=foreign, headers=other.headers), 404, "没有找到"
    )


def test_a_note_is_kept_encrypted(citizen: Citizen, held: Services, served: Served) -> None:
    path = f"/api/v1/conversations/{citizen.id}/notes"
    empty = citizen.client.post(path, json={"text": "", "contact": "1"}, headers=citizen.headers)
    assert_problem(empty, 422, "电话")
    note = {"text": "窗口没人", "contact": "13987654321"}
    assert citizen.client.post(path, json=note, headers=citizen.headers).status_code == 201
    with held.database.read() as session:
        sealed = session.scalars(select(Note.sealed_contact).order_by(Note.id.desc())).first()
    assert sealed is not None
    assert held.sealer.open(sealed) == "13987654321"
    files = [served.settings.home / "hotline.db", served.settings.home / "hotline.db-wal"]
    assert not any(b"13987654321" in path.read_bytes() for path in files if path.exists())


def test_clearing_a_conversation_erases_it(citizen: Citizen) -> None:
    citizen.ask("怎么报警")
    path = f"/api/v1/conversations/{citizen.id}/messages"
    assert citizen.client.delete(path, headers=citizen.headers).status_code == 200
    assert citizen.said() == []


def test_the_document_describes_every_route(client: FlaskClient, served: Served) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    validate(document)
    rules = {
        rule.rule.replace("<conversation_id>", "{conversation_id}")
        for rule in served.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "docs" not in rule.rule
    }
    assert rules - {"/api/v1/openapi.json"} == set(document["paths"])
    assert client.get("/api/v1/docs").status_code == 200
    with client.get("/api/v1/docs/assets/swagger-ui-bundle.js") as script:
        assert script.status_code == 200


def test_every_response_is_guarded(client: FlaskClient) -> None:
    for path in ("/", "/login", "/api/v1/search?q=a", "/nowhere", "/static/css/tokens.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_health_readiness_and_metrics(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503  # Rasa is not there
    assert ready.get_json()["index"] is True
    assert ready.get_json()["rasa"] is False
    assert b"hotline_decisions_total" in client.get("/metrics").data
    abroad = client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert abroad.status_code == 403
