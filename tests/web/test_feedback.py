"""What citizens say of an answer: tied to it, changed, outliving the conversation."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.feedback.models import Feedback
from tests.web.conftest import Visitor
from web.services import Services

NUMBER = "13812345678"


def test_a_verdict_may_be_changed_and_outlives_the_conversation(
    visitor: Visitor, held: Services
) -> None:
    message = visitor.ask("怎么报警")
    verdict = {"conversation_id": visitor.id, "message_id": message["id"], "useful": True}
    for sent in (
        verdict,
        verdict | {"useful": False, "reason": "wrong", "comment": f" 打不通 {NUMBER}"},
    ):
        answer = visitor.client.post("/api/v1/feedback", json=sent, headers=visitor.headers)
        assert answer.status_code == 201

    def stored() -> Feedback:
        with held.database.read() as session:
            return session.scalars(select(Feedback).order_by(Feedback.id.desc()).limit(1)).one()

    one = stored()
    assert (one.useful, one.reason, one.comment) == (False, "wrong", "打不通 [手机号]")
    erased = visitor.client.delete(f"{visitor.path}/messages", headers=visitor.headers)
    assert erased.status_code == 200
    assert stored().id == one.id
    assert stored().message_id is None


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"message_id": 2**53}, 404, "没有找到"),
        ({"message_id": 0}, 422, "message_id"),
        ({"message_id": "x"}, 422, "message_id"),
        ({"useful": "maybe"}, 422, "useful"),
        ({"reason": "bad mood"}, 422, "只能是"),
        ({"comment": "字" * 501}, 422, "最多 500"),
        ({"conversation_id": "0" * 32}, 404, "没有这个对话"),
    ],
)
def test_a_bad_verdict_is_named(
    visitor: Visitor, changed: dict[str, Any], status: int, words: str
) -> None:
    message = visitor.ask("怎么报警")
    verdict = {"conversation_id": visitor.id, "message_id": message["id"], "useful": True}
    answer = visitor.client.post(
        "/api/v1/feedback", json=verdict | changed, headers=visitor.headers
    )
    assert answer.status_code == status
    assert words in json.dumps(answer.get_json(), ensure_ascii=False)


def test_what_is_no_answer_cannot_be_rated(visitor: Visitor) -> None:
    asked_back = visitor.ask("政策")
    assert asked_back["decision"] == "clarify"
    own = visitor.read()[0]
    for message in (asked_back, own):
        verdict = {"conversation_id": visitor.id, "message_id": message["id"], "useful": True}
        answer = visitor.client.post("/api/v1/feedback", json=verdict, headers=visitor.headers)
        assert answer.status_code == 404
        assert "没有找到您要评价的回答" in answer.get_json()["detail"]
