"""Corrections: said by citizens and staff, decided by the department, told to who said it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.corrections.models import Correction
from knowledge.entries.service import entry_coded, publish, save_draft
from knowledge.entries.versions import content_of
from knowledge.people.actor import system
from tests.conftest import Served
from tests.web.conftest import Colleague, Visitor
from web.deadlines import escalate_late
from web.services import Services

LIST = "/department/corrections"
CODE = "hc-hall-01"
ENTRY = f"/department/entries/{CODE}"


def newest(held: Services) -> Correction:
    with held.database.read() as session:
        return session.scalars(select(Correction).order_by(Correction.id.desc()).limit(1)).one()


def published(held: Services, code: str = CODE) -> int:
    with held.database.read() as session:
        version = entry_coded(session, code).published
        assert version is not None
        return version.id


def renew(held: Services, code: str = CODE, note: str = "（已更新）") -> int:
    """Publish the next version; returns its number."""
    with held.database.write() as session:
        entry = entry_coded(session, code)
        assert entry.published is not None
        content = content_of(entry.published)
        content = replace(content, answer=content.answer + note)
        save_draft(session, system(), entry, content, entry.lock_version)
        publish(session, system(), entry, entry.lock_version)
        assert entry.published is not None
        return entry.published.number


def report(person: Colleague, held: Services, text: str, kind: str = "wrong") -> Any:
    return person.submit(
        f"{ENTRY}/corrections", ENTRY, version_id=str(published(held)), kind=kind, text=text
    )


def said(person: Colleague) -> str:
    return person.client.get(ENTRY).text


@contextmanager
def days_later(days: int) -> Iterator[None]:
    instant = clock.now() + timedelta(days=days)
    with clock.frozen(lambda: instant):
        yield


@pytest.fixture(autouse=True)
def _nothing_open(held: Services) -> Iterator[None]:
    """Leave no entry in doubt to the tests that follow."""
    yield
    with held.database.write() as session:
        for one in session.scalars(select(Correction).where(Correction.state == "open")):
            one.state, one.open_for = "declined", None
            one.decided_at, one.decided_by = clock.now(), "测试"


def correct(visitor: Visitor, answer: int, /, **changed: Any) -> Any:
    body = {"message_id": answer, "kind": "wrong", "text": "号码不对"} | changed
    return visitor.client.post(f"{visitor.path}/corrections", json=body, headers=visitor.headers)


def test_a_citizen_says_it_is_wrong_and_learns_what_came_of_it(
    visitor: Visitor, held: Services, colleague: Callable[[str], Colleague]
) -> None:
    message = visitor.ask("怎么报警")
    taken = correct(visitor, message["id"], text="打不通 13812345678，我在现场")
    assert taken.status_code == 201
    due = clock.today() + timedelta(days=2)
    assert taken.get_json() == {"status": "ok", "due": f"{due.month}月{due.day}日"}
    found = newest(held)
    assert (found.text, found.reporter_name, found.state) == (
        "打不通 [手机号]，我在现场", "市民", "open",
    )  # fmt: skip
    assert clock.local(found.due_at) == datetime.combine(
        due + timedelta(days=1), datetime.min.time(), clock.SHANGHAI
    )
    manager = colleague("manager")
    page = manager.client.get(LIST).text
    assert "打不通 [手机号]" in page
    path = f"{LIST}/{found.id}"
    shown = manager.client.get(path).text
    assert "被纠错的就是在用的这一版" in shown
    early = manager.submit(path, path, state="adopted")
    assert early.status_code == 422
    assert "请先发布改好的版本" in early.text
    code = message["results"][0]["entry_id"]
    number = renew(held, code)
    assert f"在用的第 {number} 版" in manager.client.get(path).text
    assert manager.submit(path, path, state="adopted", reason="已改").status_code == 302
    assert f"改正后是第 {number} 版" in manager.client.get(path).text
    told = visitor.read()[-1]
    assert told["from"] == "bot"
    assert "已经改正" in told["text"]
    assert message["results"][0]["question"] in told["text"]
    assert manager.submit(path, path, state="declined", reason="x").status_code == 302
    assert newest(held).state == "adopted"
    assert len(visitor.read()) == 3  # decided once, told once


def test_an_outcome_does_not_stand_between_a_list_and_its_choice(
    visitor: Visitor, held: Services, colleague: Callable[[str], Colleague]
) -> None:
    correct(visitor, visitor.ask("怎么报警")["id"])
    asked_back = visitor.ask("政策")
    assert asked_back["decision"] == "clarify"
    manager, path = colleague("manager"), f"{LIST}/{newest(held).id}"
    assert manager.submit(path, path, state="declined", reason="没有错").status_code == 302
    assert "说明：没有错" in visitor.read()[-1]["text"]
    assert visitor.ask("1")["results"][0]["question"] == asked_back["options"][0]


def test_the_same_person_on_the_same_version_is_one_correction(
    visitor: Visitor, held: Services, colleague: Callable[[str], Colleague]
) -> None:
    message = visitor.ask("怎么报警")
    assert correct(visitor, message["id"], kind="unclear", text="看不懂").status_code == 201
    first = newest(held)
    assert correct(visitor, message["id"], kind="wrong", text="号码错了").status_code == 201
    assert correct(visitor, message["id"], kind="unclear", text="看不懂").status_code == 201
    again = newest(held)
    assert again.id == first.id
    assert (again.text, again.kind) == ("看不懂\n号码错了", "wrong")
    assert again.due_at < first.due_at
    other = Visitor(visitor.client.application)
    assert correct(other, other.ask("怎么报警")["id"]).status_code == 201
    assert newest(held).id != first.id
    manager, path = colleague("manager"), f"{LIST}/{newest(held).id}"
    wrong = manager.submit(path, path, state="duplicate", duplicate_of=str(newest(held).id))
    assert wrong.status_code == 422
    assert "另一条纠错" in wrong.text
    done = manager.submit(path, path, state="duplicate", duplicate_of=str(first.id))
    assert done.status_code == 302
    assert "一并处理" in other.read()[-1]["text"]
    for number in range(4):
        correct(visitor, message["id"], text=str(number) * 500)
    assert "已经提了很多" in correct(visitor, message["id"], text="9" * 500).get_json()["detail"]


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"text": "  "}, 422, "请写明哪里不对"),
        ({"text": "\u200b"}, 422, "请写明哪里不对"),
        ({"text": "字" * 501}, 422, "最多 500"),
        ({"kind": "boring"}, 422, "只能是"),
        ({"message_id": 2**53}, 404, "没有找到"),
        ({"message_id": "x"}, 422, "message_id"),
        ({"more": 1}, 422, "没有这个参数"),
    ],
)
def test_a_bad_report_is_named(
    visitor: Visitor, changed: dict[str, Any], status: int, words: str
) -> None:
    answer = correct(visitor, visitor.ask("怎么报警")["id"], **changed)
    assert answer.status_code == status
    assert words in json.dumps(answer.get_json(), ensure_ascii=False)


def test_only_ones_own_answer_can_be_corrected(visitor: Visitor, served: Served) -> None:
    other = Visitor(served.app)
    message = visitor.ask("怎么报警")
    assert correct(other, message["id"]).status_code == 404
    stolen = visitor.client.post(
        f"{visitor.path}/corrections",
        json={"message_id": message["id"], "kind": "wrong", "text": "x"},
        headers=other.headers,
    )
    assert stolen.status_code == 404
    assert correct(visitor, visitor.read()[0]["id"]).status_code == 404  # not an answer


def test_too_many_reports_from_one_address_are_stopped(
    strict_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from web.services import KEY

    held = strict_app.extensions[KEY]
    tight = held.settings.model_copy(update={"corrections_per_hour": 2})
    monkeypatch.setitem(strict_app.extensions, KEY, replace(held, settings=tight))
    visitor = Visitor(strict_app)
    message = visitor.ask("怎么报警")
    codes = [correct(visitor, message["id"]).status_code for _ in range(3)]
    assert codes == [201, 201, 429]


def test_what_was_said_is_cut_off_from_an_erased_conversation(
    visitor: Visitor, held: Services, colleague: Callable[[str], Colleague]
) -> None:
    correct(visitor, visitor.ask("怎么报警")["id"])
    visitor.client.delete(f"{visitor.path}/messages", headers=visitor.headers)
    found = newest(held)
    assert (found.conversation_id, found.open_for, found.state) == (None, None, "open")
    manager, path = colleague("manager"), f"{LIST}/{found.id}"
    assert manager.submit(path, path, state="declined", reason="没有错").status_code == 302
    assert visitor.read() == []


def test_staff_report_and_everybody_sees_that_it_is_looked_into(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    operator, editor = colleague("operator"), colleague("editor")
    assert "核实中" not in said(operator)
    assert report(operator, held, "窗口搬了").status_code == 302
    page = said(operator)
    assert "纠错已提交" in page
    assert "核实中" in page
    assert "窗口搬了" in page
    assert "核实中" in operator.client.get("/department?department=all&q=" + CODE).text
    query = {"q": content_question(held)}
    results = operator.client.get("/api/v1/search", query_string=query).get_json()["results"]
    assert {one["entry_id"]: one["under_review"] for one in results}[CODE] is True
    outside = Colleague(operator.client.application).client
    results = outside.get("/api/v1/search", query_string=query).get_json()["results"]
    assert {one["under_review"] for one in results} == {None}
    path = f"{LIST}/{newest(held).id}"
    assert "条待核实" in editor.client.get("/department").text
    assert operator.submit(path, ENTRY, state="declined", reason="x").status_code == 403
    refused = editor.submit(path, path, state="declined", reason=" ")
    assert refused.status_code == 422
    assert "要写理由" in refused.text
    assert editor.submit(path, path, state="").status_code == 422
    assert editor.submit(path, path, state="declined", reason="还在原处").status_code == 302
    assert "核实中" not in said(operator)
    mine = operator.client.get(f"{LIST}?whose=reported").text
    assert "不采纳" in mine
    assert "还在原处" in operator.client.get(path).text


def content_question(held: Services) -> str:
    with held.database.read() as session:
        version = entry_coded(session, CODE).published
        assert version is not None
        return version.standard_question


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"kind": ""}, "请选择有误"),
        ({"text": " "}, "请写明哪里不对"),
        ({"text": "字" * 501}, "500 字以内"),
        ({"version_id": "x"}, "没有您看到的那一版"),
        ({"version_id": "999999"}, "没有您看到的那一版"),
    ],
)
def test_a_bad_report_by_staff_is_told(
    changed: dict[str, str], told: str, colleague: Callable[[str], Colleague], held: Services
) -> None:
    person = colleague("editor2")
    form = {"version_id": str(published(held)), "kind": "wrong", "text": "错了"} | changed
    assert person.submit(f"{ENTRY}/corrections", ENTRY, **form).status_code == 302
    page = said(person)
    assert "没有提交" in page
    assert told in page


def test_a_version_of_another_entry_is_no_version_of_this_one(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    person, other = colleague("editor2"), published(held, "hc-hall-02")
    form = {"version_id": str(other), "kind": "wrong", "text": "错了"}
    person.submit(f"{ENTRY}/corrections", ENTRY, **form)
    assert "没有您看到的那一版" in said(person)


def test_another_department_reads_but_does_not_decide(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    clerk = colleague("editor2")
    report(clerk, held, "<script>alert(1)</script>")
    path = f"{LIST}/{newest(held).id}"
    page = clerk.client.get(path).text
    assert "&lt;script&gt;" in page
    assert "您的决定" not in page
    assert clerk.submit(path, ENTRY, state="declined", reason="x").status_code == 403
    assert "alert(1)" not in clerk.client.get(LIST).text
    assert "alert(1)" in clerk.client.get(f"{LIST}?whose=reported").text
    assert newest(held).state == "open"
    assert clerk.client.get(f"{LIST}/999999").status_code == 404


def test_what_is_late_is_marked_and_goes_up_once(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    report(colleague("operator"), held, "早就改了", "outdated")
    number = newest(held).id
    assert escalate_late(held.database) == 0
    with days_later(3):
        assert escalate_late(held.database) == 0  # the last day is not over, or just
    with days_later(5):
        assert escalate_late(held.database) == 1
        assert escalate_late(held.database) == 0
        manager = colleague("manager")
        page = manager.client.get(f"{LIST}?whose=escalated").text
        assert "早就改了" in page
        assert "已超期" in page
        assert "已超期，已上报" in manager.client.get(f"{LIST}/{number}").text
        assert "早就改了" not in colleague("editor2").client.get(f"{LIST}?whose=escalated").text
    with held.database.read() as session:
        rows = session.scalars(
            select(AuditRecord).where(AuditRecord.subject == f"correction:{number}")
        ).all()
    assert [row.action for row in rows] == ["correction_reported", "correction_escalated"]
    assert "早就改了" not in json.dumps([row.after for row in rows], ensure_ascii=False)


def test_an_empty_list_says_what_belongs_there(colleague: Callable[[str], Colleague]) -> None:
    editor2 = colleague("editor2")
    assert "没有待核实的纠错" in editor2.client.get(LIST).text
    assert "没有超期的纠错" in editor2.client.get(f"{LIST}?whose=escalated").text
    for odd in ("?whose=x", "?page=-1", "?page=x", "?decided=2"):
        assert editor2.client.get(f"{LIST}{odd}").status_code == 200
