"""The start page, the list of entries with own filters, and one step for many entries."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.checks.models import VersionCheck
from knowledge.checks.service import digest_of
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from tests.conftest import Served
from tests.web.conftest import Colleague
from web.services import Services

LIST = "/department"
BULK = "/department/bulk"
MINE = ("hc-hall-01", "hc-hall-02")


def carried_out(person: Colleague, act: str, codes: list[str], **details: Any) -> str:
    """Choose, look, carry out; returns the page that tells what was done."""
    token = person.hidden(LIST)
    page = person.client.post(BULK, data=token | {"act": act, "code": codes}).text
    ready = re.search(r'name="entries" value="([^"]*)"', page)
    assert ready, page
    data = token | {"act": act, "entries": ready.group(1)} | details
    told: str = person.client.post(f"{BULK}/carry-out", data=data).text
    return told


def test_the_start_page_is_where_one_lands_and_says_what_waits(
    served: Served, colleague: Callable[[str], Colleague]
) -> None:
    for who in ("editor", "reviewer", "manager", "operator", "admin"):
        page = colleague(who).client.get("/start")
        assert page.status_code == 200
        assert "最近的变化" in page.text
        assert ("新建条目" in page.text) is (who in {"editor", "reviewer", "manager"})
    editor, reviewer = colleague("editor"), colleague("reviewer")
    path = "/department/entries/new"
    category = re.search(
        r'<option value="([1-9]\d*)"', editor.client.get(path).text.split('id="category"')[1]
    )
    assert category
    made = editor.submit(
        path, path, standard_question="开始页试试看？", answer="好。", audience="个人",
        category=category.group(1), action="submit",
    )  # fmt: skip
    begun = reviewer.client.get("/start").text  # at once, though it was looked at just now
    assert "等我部门审核" in begun
    assert "件等我处理" in begun
    entry = made.location
    assert reviewer.submit(f"{entry}/return", entry, reason="补充依据").status_code == 302
    assert "开始页试试看" not in reviewer.client.get("/department/tasks").text
    assert "退回给我的" in editor.client.get("/start").text
    assert "补充依据" in editor.client.get("/department/tasks").text
    told = carried_out(editor, "archive", [entry.rsplit("/", 1)[1]], reason="只是试试")
    assert "办成 1 条" in told


def test_a_filter_is_kept_opens_first_and_is_forgotten(
    colleague: Callable[[str], Colleague],
) -> None:
    manager, editor = colleague("manager"), colleague("editor")
    answer = manager.submit(f"{LIST}/filters", LIST, name="大厅的", department="all", q="大厅")
    page = manager.client.get(answer.location).text
    assert "大厅的" in page
    number = re.search(r"/department/filters/(\d+)/first", page)
    assert number
    own = f"{LIST}/filters/{number.group(1)}"
    assert editor.submit(f"{own}/forget", LIST).status_code == 404
    assert "大厅的" not in editor.client.get(LIST).text
    assert manager.submit(f"{own}/first", LIST).status_code == 302
    assert 'name="q" type="search" value="大厅"' in manager.client.get(LIST).text
    assert 'name="q" type="search" value=""' in manager.client.get(f"{LIST}?department=all").text
    assert manager.submit(f"{own}/forget", LIST).status_code == 302
    assert "大厅的" not in manager.client.get(LIST).text


def test_many_at_once_each_by_its_own_rules(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    editor, stranger = colleague("editor"), colleague("editor2")
    token = stranger.hidden(LIST)
    page = stranger.client.post(BULK, data=token | {"act": "withdraw", "code": list(MINE)}).text
    assert "0 条可以办，2 条办不了" in page
    assert "不归您采编" in page
    forged = {"act": "withdraw", "entries": "hc-hall-01:1 nothing:1", "reason": "我要下架"}
    told = stranger.client.post(f"{BULK}/carry-out", data=token | forged).text
    assert "办成 0 条，没办 2 条" in told
    with held.database.read() as session:
        before = [entry_coded(session, code).lock_version for code in MINE]

    told = carried_out(editor, "until", [*MINE, "nothing"], valid_until="2099-12-31")
    assert "办成 2 条" in told
    again = carried_out(editor, "until", list(MINE), valid_until="2099-12-31")
    assert "本来就是这样" in again
    with held.database.read() as session:
        for code, seen in zip(MINE, before, strict=True):
            entry = entry_coded(session, code)
            assert entry.lock_version == seen + 1
            assert entry.draft is not None
            assert entry.published is not None  # what is served waits for the review
            assert str(entry.draft.valid_until) == "2099-12-31"
            saved = session.query(AuditRecord).filter_by(
                subject=f"entry:{entry.id}", action="draft_saved"
            )
            assert saved.count() >= 1
    stale = {"act": "submit", "entries": f"hc-hall-01:{before[0]}"}
    told = editor.client.post(f"{BULK}/carry-out", data=editor.hidden(LIST) | stale).text
    assert "已被别人修改" in told
    for code in MINE:
        path = f"/department/entries/{code}"
        assert editor.submit(f"{path}/discard", path).status_code == 302


def test_many_at_once_do_not_slip_past_the_checks(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    editor, code = colleague("editor"), "hc-hall-05"
    path = f"/department/entries/{code}"
    assert "办成 1 条" in carried_out(editor, "until", [code], valid_until="2099-12-31")
    with held.database.write() as session:
        draft = entry_coded(session, code).draft
        assert draft is not None
        session.add(
            VersionCheck(
                version_id=draft.id, digest=digest_of(content_of(draft)), revision=0, lists="",
                at=clock.now(), actor_name="检查", blocked=True,
                report={"findings": [], "neighbours": [], "trial": None},
            )
        )  # fmt: skip
    data = editor.hidden(LIST) | {"act": "submit", "code": [code]}
    assert "发布前检查有必须处理的" in editor.client.post(BULK, data=data).text
    with held.database.read() as session:
        seen = entry_coded(session, code).lock_version
    forged = editor.hidden(LIST) | {"act": "submit", "entries": f"{code}:{seen}"}
    assert "办成 0 条" in editor.client.post(f"{BULK}/carry-out", data=forged).text
    # Another wording: what was found is not known to be so any more.
    assert "办成 1 条" in carried_out(editor, "until", [code], valid_until="2098-12-31")
    assert "办成 1 条" in carried_out(editor, "submit", [code])
    for step in ("recall", "discard"):
        assert editor.submit(f"{path}/{step}", path).status_code == 302


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"act": "withdraw"}, "还没有选条目"),
        ({"act": "nonsense", "code": "hc-hall-01"}, "请选择要办什么"),
        ({"act": "withdraw", "code": [f"c{at}" for at in range(501)]}, "一次最多办 500 条"),
    ],
)
def test_what_cannot_be_done_is_said(
    colleague: Callable[[str], Colleague], data: dict[str, Any], said: str
) -> None:
    manager = colleague("manager")
    answer = manager.client.post(BULK, data=manager.hidden(LIST) | data)
    assert answer.status_code == 422
    assert said in answer.text


def test_all_that_are_filtered_and_a_reason_is_asked_for(
    colleague: Callable[[str], Colleague],
) -> None:
    editor = colleague("editor")
    data = editor.hidden(LIST) | {"act": "withdraw", "all": "1", "q": "大厅", "department": "all"}
    page = editor.client.post(BULK, data=data).text
    assert re.search(r"\d+ 条可以办", page)
    missing = {"act": "withdraw", "entries": "hc-hall-01:1", "reason": " "}
    answer = editor.client.post(f"{BULK}/carry-out", data=editor.hidden(LIST) | missing)
    assert answer.status_code == 422
    assert "请写明下架原因" in answer.text
    huge = {"act": "category", "entries": "hc-hall-01:1", "new_category": "9" * 5000}
    answer = editor.client.post(f"{BULK}/carry-out", data=editor.hidden(LIST) | huge)
    assert answer.status_code == 422
    assert "请选择一个末级分类" in answer.text
