"""The page of the audit log: found, read, handed out; and everything that is noted in it."""

import csv
import html
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from knowledge.audit.models import AuditRecord
from knowledge.audit.search import Filter, every, search
from knowledge.audit.service import record
from knowledge.audit.settings_in_force import note_settings
from knowledge.audit.verification import verify
from knowledge.audit.wording import ACTION_NAMES, changes, marks
from knowledge.database import Database
from knowledge.people.actor import Actor, system
from knowledge.settings import Settings
from tests.conftest import Served
from tests.web.conftest import Colleague, Visitor, own_address
from web.cli import audit as command
from web.services import Services

PAGE = "/admin/audit"


@pytest.fixture
def admin(colleague: Callable[[str], Colleague]) -> Colleague:
    return colleague("admin")


def noted(held: Services, action: str) -> list[AuditRecord]:
    with held.database.read() as session:
        query = select(AuditRecord).where(AuditRecord.action == action)
        return list(session.scalars(query.order_by(AuditRecord.id)))


def test_the_log_is_searched_by_person_action_thing_and_text(
    admin: Colleague, held: Services
) -> None:
    before = {"answer": "带身份证到一楼窗口办。", "region": "海沧区"}
    after = {"answer": "带身份证到二楼窗口办。", "region": "海沧区"}
    with held.database.write() as session:
        who = Actor(77, "查某人", address="10.9.8.7")
        record(session, who, "draft_saved", "entry:1", before=before, after=after)
        record(session, who, "contact_read", "note:4711")
    page = admin.client.get(PAGE, query_string={"person": "查某人"}).text
    assert page.count('<th scope="row">') == 2
    assert "保存条目草稿" in page
    assert "查看市民电话" in page
    assert "10.9.8.7" in page
    for asked in ({"subject": "留言 4711"}, {"subject": "note:4711"}, {"q": "note:4711"},
                  {"person": "查某人", "action": "contact_read"}):  # fmt: skip
        page = admin.client.get(PAGE, query_string=asked).text
        assert page.count('<th scope="row">') == 1, asked
        assert "留言 4711" in page
    page = admin.client.get(PAGE, query_string={"q": "二楼窗口", "person": "查某人"}).text
    assert page.count('<th scope="row">') == 1
    (row,) = [one for one in noted(held, "draft_saved") if one.actor_id == 77]
    shown = admin.client.get(f"{PAGE}/{row.id}").text
    assert "<del>一</del>楼" in shown
    assert "<ins>二</ins>楼" in shown
    assert "适用区域" not in shown
    assert "没有被改动" in shown
    assert row.hash in shown
    assert admin.client.get(f"{PAGE}/999999999").status_code == 404


def test_pages_follow_each_other_without_a_row_twice_or_lost(database: Database) -> None:
    with database.write() as session:
        for number in range(120):
            record(session, system(), "x" if number % 3 else "y", "z", after={"n": number})
    with database.read() as session:
        seen, before = [], None
        while True:
            found = search(session, system(), Filter(action="x"), before, 25)
            seen += [row.id for row in found.rows]
            before = found.older
            if before is None:
                break
        assert seen == [number + 1 for number in range(119, -1, -1) if number % 3]
        assert [row.id for row in every(session, system(), Filter(action="y"), 7)] == [
            118, 115, 112, 109, 106, 103, 100,
        ]  # fmt: skip


def test_a_text_that_nobody_indexed_is_sought_piece_by_piece(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.audit.search.SCAN", 10)
    with database.write() as session:
        for number in range(35):
            record(session, system(), "x", "z", after={"说": f"第{number}句"})
    with database.read() as session:
        found = search(session, system(), Filter(text="第3句"))
        assert (list(found.rows), found.older) == ([], 26)
        assert found.reached is not None
        steps = [26]
        while found.older is not None:
            found = search(session, system(), Filter(text="第3句"), found.older)
            steps += [found.older] if found.older else [row.id for row in found.rows]
        assert steps == [26, 16, 6, 4]


def test_odd_questions_get_a_page(admin: Colleague) -> None:
    for asked, told in (
        ({"since": "昨天"}, "请按 2026-03-01"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "早于"),
        ({"until": "9999-12-31"}, "操作记录"),
        ({"since": "9999-12-31"}, "没有符合条件"),
        ({"until": "2000-01-01"}, "没有符合条件"),
        ({"q": "%"}, "操作记录"),
        ({"q": "'\"\\_" * 30}, "没有符合条件"),
        ({"before": "-5"}, "操作记录"),
        ({"before": "x"}, "操作记录"),
        ({"before": str(10**30)}, "操作记录"),
        ({"action": "<script>"}, "&lt;script&gt;"),
    ):
        answer = admin.client.get(PAGE, query_string=asked)
        assert answer.status_code == 200, asked
        assert told in answer.text, asked


def test_what_is_found_is_handed_out_and_that_is_noted(admin: Colleague, held: Services) -> None:
    with held.database.write() as session:
        who = Actor(78, "=cmd|' /C calc'!A0", address="10.9.8.7")
        record(session, who, "lexicon_group_added", "lexicon:1", after={"terms": ["+甲", "\x01乙"]})
    for kind in ("csv", "xlsx"):
        answer = admin.submit(f"{PAGE}/export.{kind}", PAGE, person=who.name)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        if kind == "csv":
            rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
            rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert len(rows) == 2
        assert rows[1][2].endswith(who.name)
        assert rows[1][4] == "新增同义词"
        assert "词语：+甲" in rows[1][6]
    last = noted(held, "audit_exported")[-1]
    assert last.after == {"kind": "xlsx", "filter": {"person": who.name}}
    assert last.actor_name.startswith("系统管理员")
    assert admin.submit(f"{PAGE}/export.exe", PAGE).status_code == 404


@pytest.mark.parametrize("who", ["editor", "reviewer", "operator", "manager"])
def test_others_do_not_see_the_log(who: str, colleague: Callable[[str], Colleague]) -> None:
    person = colleague(who)
    assert "操作记录" not in person.client.get("/department").text
    for path in (PAGE, f"{PAGE}/1"):
        assert person.client.get(path).status_code == 403
    assert person.submit(f"{PAGE}/export.csv", "/department").status_code == 403


def test_coming_and_going_are_noted_and_a_wrong_name_is_not_kept(
    served: Served, held: Services
) -> None:
    person = Colleague(served.app)
    person.sign_in("admin", "wrong password")
    person.sign_in("hunter2-my-password", "x")
    failed = noted(held, "sign_in_failed")[-2:]
    assert [one.subject.startswith("user:") for one in failed] == [True, True]
    assert failed[1].subject == "user:unknown"
    assert failed[0].actor_name == "未登录"
    assert failed[0].address == person.client.environ_base["REMOTE_ADDR"]
    assert person.sign_in("operator", served.passwords["operator"]).status_code == 303
    person.submit("/logout", "/department")
    assert noted(held, "signed_out")[-1].actor_name.startswith("话务员")
    with held.database.read() as session:
        everything = json.dumps(
            [[row.subject, row.before, row.after] for row in session.scalars(select(AuditRecord))]
        )
    assert "hunter2" not in everything
    assert "wrong password" not in everything


def test_what_citizens_do_is_noted_without_their_words(visitor: Visitor, held: Services) -> None:
    message = visitor.ask("怎么报警")
    verdict = {"conversation_id": visitor.id, "message_id": message["id"], "useful": False,
               "reason": "wrong", "comment": "我叫某某某"}  # fmt: skip
    visitor.client.post("/api/v1/feedback", json=verdict, headers=visitor.headers)
    note = {"text": "窗口没人某某某", "contact": "13812345678"}
    visitor.client.post(f"{visitor.path}/notes", json=note, headers=visitor.headers)
    visitor.client.delete(f"{visitor.path}/messages", headers=visitor.headers)
    for action in ("feedback_given", "note_left", "conversation_erased"):
        row = noted(held, action)[-1]
        assert (row.actor_name, row.actor_id, row.address) == ("市民", None, "")
        assert "某某某" not in json.dumps([row.before, row.after], ensure_ascii=False)
        assert "138" not in json.dumps([row.before, row.after])


def test_other_settings_are_noted_once_and_without_passwords(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, rate_storage="redis://:geheim@localhost:6379/0")
    for port, changed in ((8080, True), (8080, False), (8090, True)):
        with database.write() as session:
            changed_settings = settings.model_copy(update={"port": port})
            assert note_settings(session, system(), changed_settings) is changed
    with database.read() as session:
        row = session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()
        assert row is not None
        assert [(one.name, one.before, one.after) for one in changes(row.before, row.after)] == [
            ("HOTLINE_PORT", "8080", "8090")
        ]
        assert "geheim" not in json.dumps(row.after)


def test_the_log_is_verified_at_the_command_line(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.url.render_as_string(False))
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    with database.write() as session:
        for number in range(5):
            record(session, system(), "x", f"note:{number}")
    run = CliRunner().invoke
    head = run(command.print_head, ["--quiet"]).output.strip()
    assert head in run(command.print_head, []).output
    assert head.startswith("5.")
    done = run(command.verify_all, ["--head", head])
    assert done.exit_code == 0, done.output
    assert "5 行操作记录完整" in done.output
    assert run(command.verify_all, []).exit_code == 0
    assert "不完整" in str(run(command.verify_all, ["--head", "12"]).exception)
    with database.writer.begin() as connection:
        for name in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_log_no_{name}")
        connection.exec_driver_sql("DELETE FROM audit_log WHERE id > 4")
        connection.exec_driver_sql(
            "UPDATE audit_head SET last = 4, hash = (SELECT hash FROM audit_log WHERE id = 4)"
        )
    done = run(command.verify_all, [])  # the data folder remembers how far it was
    assert done.exit_code == 1
    assert "末尾被删去" in done.output
    done = run(command.verify_all, ["--forget"])
    assert done.exit_code == 0
    with database.read() as session:
        kept = [row.after for row in session.scalars(
            select(AuditRecord).where(AuditRecord.action == "audit_verified"))]  # fmt: skip
        assert [bool(one and one["faults"]) for one in kept] == [True, False]
        assert verify(session).sound


def test_the_page_says_how_the_last_verification_went(admin: Colleague, held: Services) -> None:
    assert "还没有检验过" in admin.client.get(PAGE).text
    for faults, told in ((0, "检验通过"), (2, "检验不通过：2 处不对")):
        with held.database.write() as session:
            after = {"rows": 12345, "hash": "0" * 64, "faults": faults}
            record(session, system("命令行"), "audit_verified", "audit", after=after)
        assert told in html.unescape(admin.client.get(PAGE).text)


def test_every_action_in_the_base_has_a_name_and_the_chain_holds(
    served: Served, held: Services
) -> None:
    own_address(served.app).get("/")
    with held.database.read() as session:
        actions = set(session.scalars(select(AuditRecord.action).distinct()))
        assert verify(session).sound
    assert {one for one in actions if one not in ACTION_NAMES and len(one) > 1} == set()


def test_long_texts_are_compared_sentence_by_sentence() -> None:
    old = "第一句。" * 800 + "旧的。"
    new = "第一句。" * 800 + "新的。"
    left, right = marks(old, new)
    assert [text for text, differs in left if differs] == ["旧的。"]
    assert "".join(text for text, _ in right) == new
