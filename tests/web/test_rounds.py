"""The pages of rounds and of documents; reminders in the rail; entries leave on the minute."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from knowledge import clock
from knowledge.audit.service import history
from knowledge.entries.service import entry_coded, publish, save_draft
from knowledge.entries.versions import content_of
from knowledge.people.actor import system
from knowledge.rereviews.service import marked
from knowledge.rounds.lists import lines
from knowledge.rounds.service import close_round, round_numbered
from tests.web.conftest import Colleague
from web.services import Services

Sign = Callable[[str], Colleague]
HOME = "/department/rounds"
BASIS = "/department/basis"
CODE = "hc-hall-01"
ENTRY = f"/department/entries/{CODE}"


@pytest.fixture
def opened(colleague: Sign, held: Services) -> Iterator[str]:
    """The page of a round over everything; it is closed, and confirmed, in the end."""
    manager, day = colleague("manager"), (clock.today() + timedelta(days=9)).isoformat()
    answer = manager.submit(f"{HOME}/new", f"{HOME}/new", title="<季度>梳理", due_on=day)
    assert answer.status_code == 302, answer.text
    yield answer.location
    with held.database.write() as session:
        one = round_numbered(session, int(answer.location.rpartition("/")[2]))
        if one.closed_at is None:
            close_round(session, system(), one)
    confirm_all(held)


def confirm_all(held: Services) -> None:
    """Leave no mark to the tests that follow."""
    from sqlalchemy import select

    from knowledge.entries.models import Entry

    with held.database.write() as session:
        for entry in session.scalars(select(Entry).where(Entry.reviewed_at.is_not(None))):
            entry.reviewed_at = clock.now()


def items(held: Services, page: str, *codes: str) -> list[str]:
    with held.database.read() as session:
        one = round_numbered(session, int(page.rpartition("/")[2]))
        found = {line.entry.code: line.item_id for line in lines(session, one, size=10_000).rows}
    return [str(found[code]) for code in codes]


def confirm(person: Colleague, page: str, ids: list[str], **headers: Any) -> Any:
    data = {**person.hidden("/account"), "item": ids, "department": "mine", "show": "left"}
    return person.client.post(f"{page}/confirm", data=data, headers=headers)


def test_a_round_is_gone_through_and_everybody_sees_how_far(
    opened: str, colleague: Sign, held: Services
) -> None:
    reviewer, neighbour = colleague("reviewer"), colleague("editor2")
    page = reviewer.client.get(opened).text
    assert "&lt;季度&gt;梳理" in page
    left = int(re.findall(r'count">(\d+)<span class="unseen">条待梳理', page)[0])
    (own,) = items(held, opened, CODE)
    assert confirm(neighbour, opened, [own], Accept="application/json").json["done"] == []
    refused = confirm(colleague("editor"), opened, [own], Accept="application/json").json
    assert refused["problems"] == {own: "您没有审核这一条的权限"}
    before = confirm(reviewer, opened, [], Accept="application/json").json["progress"]
    answer = confirm(reviewer, opened, [own, own, "999999999", "x"], Accept="application/json")
    assert answer.json["done"] == [int(own)]
    more = sum(one["done"] for one in answer.json["progress"]) - sum(one["done"] for one in before)
    assert more == 2  # the department, and all
    assert answer.json["problems"] == {"999999999": "这次梳理里没有这一条"}
    page = reviewer.client.get(opened).text
    assert f'count">{left - 1}<span class="unseen">条待梳理' in page
    assert f'data-item="{own}"' not in page
    with held.database.read() as session:
        entry = entry_coded(session, CODE)
        assert history(session, f"entry:{entry.id}", 1)[0].action == "entry_confirmed"
    plain = confirm(reviewer, opened, [])
    assert (plain.status_code, plain.location) == (302, f"{opened}?department=mine&show=left")


def test_the_manager_closes_it_and_what_is_left_waits_for_its_department(
    opened: str, colleague: Sign, held: Services
) -> None:
    manager, editor, operator = (colleague(who) for who in ("manager", "editor", "operator"))
    assert editor.submit(f"{opened}/close", opened).status_code == 403
    book = load_workbook(BytesIO(editor.client.get(f"{opened}/export.xlsx").data))
    assert book.sheetnames == ["进度", "条目"]
    assert book["进度"].max_row > 2
    assert manager.submit(f"{opened}/close", opened).status_code == 302
    page = manager.client.get(opened).text
    assert "已标为“待复核”" in page
    assert '/close"' not in page
    assert ENTRY in editor.client.get("/department/tasks").text
    assert "待复核" in editor.client.get(ENTRY).text
    assert "&lt;季度&gt;梳理”结束时还没有梳理" in editor.client.get(ENTRY).text
    seen = operator.client.get(ENTRY).text
    assert "核实中" in seen
    assert 'changed">待复核' not in seen
    again = manager.submit(f"{opened}/close", opened)
    assert "没有结束" in manager.client.get(again.location).text


def test_a_bad_round_keeps_what_was_written(colleague: Sign) -> None:
    manager = colleague("manager")
    answer = manager.submit(
        f"{HOME}/new", f"{HOME}/new", title="春季", due_on="昨天", note="看电话"
    )
    assert answer.status_code == 422
    assert 'value="春季"' in answer.text
    assert "看电话" in answer.text
    assert "请填写完成日期" in answer.text


def test_a_document_is_found_and_its_entries_marked_in_one_step(
    colleague: Sign, held: Services
) -> None:
    editor, manager = colleague("editor"), colleague("manager")
    pasted = "各部门：根据厦海审管（２０２２） 第5号，现就有关事项通知如下。"
    answer = editor.submit(BASIS, BASIS, q=pasted)
    assert answer.status_code == 302
    page = editor.client.get(answer.location).text
    assert "<mark>厦海审管〔2022〕5号</mark>" in page
    total = int(re.findall(r'引用的条目 <span class="total">(\d+) 条', page)[0])
    own = re.findall(r'name="entry" value="(\d+)"', page)
    assert 0 < len(own) < total  # every department's are listed, one's own can be marked
    asked = {"q": "厦海审管〔2022〕5号", "which": "chosen"}
    empty = editor.submit(f"{BASIS}/mark", answer.location, **asked, reason="废止")
    assert (empty.status_code, "请先勾选" in empty.text) == (422, True)
    silent = editor.submit(f"{BASIS}/mark", answer.location, **asked, entry=own[:1], reason=" ")
    assert silent.status_code == 422
    assert re.search(rf'value="{own[0]}"[^>]*checked', silent.text)
    everything = {"which": "all", "reason": "第5号文废止"}
    assert editor.submit(f"{BASIS}/mark", answer.location, **asked | everything).status_code == 302
    with held.database.read() as session:
        assert marked(session, [int(one) for one in own]) == {int(one) for one in own}
        assert history(session, f"entry:{own[0]}", 1)[0].action == "entry_marked"
    done = manager.submit(f"{BASIS}/mark", answer.location, **asked | everything)
    told = manager.client.get(done.location).text
    assert f"已把 {total - len(own)} 条标为" in told
    assert f"{len(own)} 条先前已按同样的原因标过" in told
    confirm_all(held)


@pytest.mark.parametrize("text", ["", "<script>" * 20, "长" * 6000])
def test_what_names_no_document_is_told_on_the_page(colleague: Sign, text: str) -> None:
    answer = colleague("editor").submit(BASIS, BASIS, q=text)
    assert answer.status_code == 422
    assert "<script><" not in answer.text


def test_an_entry_leaves_the_search_on_the_minute(held: Services) -> None:
    """Its last day ends at midnight in Shanghai, with no process told of it."""
    last = date(2031, 5, 3)
    midnight = datetime(2031, 5, 3, 16, 0, tzinfo=UTC)
    with held.database.write() as session:
        entry = entry_coded(session, CODE)
        assert entry.published is not None
        content = content_of(entry.published)
        save_draft(session, system(), entry, replace(content, valid_until=last), entry.lock_version)
        publish(session, system(), entry, entry.lock_version)
        entry_id = entry.id
    held.search.replica.follow()

    def found(instant: datetime) -> bool:
        with clock.frozen(lambda: instant):
            hits = held.search.search(content.standard_question, 10).hits
            return entry_id in {hit.entry_id for hit in hits}

    try:
        assert found(midnight - timedelta(seconds=1))
        assert not found(midnight)
        assert found(midnight - timedelta(seconds=1))
    finally:
        with held.database.write() as session:
            entry = entry_coded(session, CODE)
            save_draft(session, system(), entry, content, entry.lock_version)
            publish(session, system(), entry, entry.lock_version)
        held.search.replica.follow()


def test_an_address_is_kept_and_removed(colleague: Sign) -> None:
    admin = colleague("admin")
    listed = admin.client.get("/admin/people?q=operator").text
    page = re.findall(r'href="(/admin/people/\d+)"', listed)[0]
    fields = {"display_name": "话务员", "role": "operator", "department": "", "category": ""}
    wrong = admin.submit(page, page, **fields, email="not an address")
    assert (wrong.status_code, "邮箱请按" in wrong.text) == (422, True)
    assert 'value="not an address"' in wrong.text
    assert admin.submit(page, page, **fields, email="o@example.gov.cn").status_code == 302
    assert 'value="o@example.gov.cn"' in admin.client.get(page).text
    assert admin.submit(page, page, **fields, email="").status_code == 302
    assert "o@example.gov.cn" not in admin.client.get(page).text
