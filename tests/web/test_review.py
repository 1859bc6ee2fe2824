"""The pages of the review: who sees what waits, what was typed is kept, versions by the day."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from knowledge import clock
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.review.schedule import publish_due
from tests.web.conftest import Colleague
from web.services import Services

CODE = "hc-hall-04"
PAGE = f"/department/entries/{CODE}"
Sign = Callable[[str], Colleague]


@pytest.fixture
def submitted(colleague: Sign, held: Services) -> Iterator[Colleague]:
    """An editor who changed the answer of an entry in service, and submitted that."""
    editor = colleague("editor")
    with held.database.read() as session:
        entry = entry_coded(session, CODE)
        assert entry.published is not None
        content = content_of(entry.published)
    answer = editor.submit(
        PAGE,
        PAGE,
        standard_question=content.standard_question,
        similar_questions="\n".join(content.similar_questions),
        answer=f"改到二楼了（{clock.now().isoformat()}）。",
        category=str(content.category_id),
        audience=list(content.audience),
        action="submit",
    )
    assert answer.status_code == 302, answer.text
    yield editor
    for step in ("recall", "discard"):
        editor.submit(f"{PAGE}/{step}", PAGE)


def test_a_return_reaches_the_author_with_its_reason(submitted: Colleague, colleague: Sign) -> None:
    reviewer = colleague("reviewer")
    assert PAGE in reviewer.client.get("/department/tasks").text
    assert PAGE not in colleague("editor2").client.get("/department/tasks").text
    page = reviewer.client.get(PAGE).text
    assert "<ins>改到二楼了" in page
    assert "区行政审批管理局的部门审核员" in page
    empty = reviewer.submit(f"{PAGE}/return", PAGE, reason=" ")
    assert empty.status_code == 422
    assert "请写明退回原因" in empty.text
    reviewer.submit(f"{PAGE}/comments", PAGE, comment="<b>看第二段</b>")
    assert reviewer.submit(f"{PAGE}/return", PAGE, reason="缺<b>依据").status_code == 302
    page = submitted.client.get(PAGE).text
    assert "退回：缺&lt;b&gt;依据" in page
    assert "&lt;b&gt;看第二段" in page
    assert "改到二楼了" in page
    tasks = submitted.client.get("/department/tasks").text
    assert "退回给我的" in tasks


def test_what_cannot_be_done_is_told_and_what_was_typed_stays(
    submitted: Colleague, colleague: Sign
) -> None:
    reviewer, manager = colleague("reviewer"), colleague("manager")
    old = manager.hidden(PAGE)
    assert reviewer.submit(f"{PAGE}/pass", PAGE).status_code == 302
    late = manager.client.post(f"{PAGE}/return", data=old | {"reason": "写了很久的原因"})
    assert late.status_code == 409
    assert "已被别人修改" in late.text
    assert "写了很久的原因" in late.text
    for wrong in ("明天", "2020-01-01T08:00", "9999-12-31T23:59", "2026-13-01"):
        answer = manager.submit(f"{PAGE}/approve", PAGE, publish_at=wrong)
        assert answer.status_code == 422, wrong
        assert "没有终审发布" in answer.text
    assert submitted.submit(f"{PAGE}/approve", PAGE).status_code == 403
    assert manager.submit(f"{PAGE}/sell", PAGE).status_code == 404


def test_a_plan_is_shown_and_kept_and_the_old_answer_is_still_known(
    submitted: Colleague, colleague: Sign, held: Services
) -> None:
    reviewer, manager = colleague("reviewer"), colleague("manager")
    reviewer.submit(f"{PAGE}/pass", PAGE)
    at = clock.local(clock.now() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    assert manager.submit(f"{PAGE}/approve", PAGE, publish_at=at).status_code == 302
    assert "自动发布" in manager.client.get(PAGE).text
    operator = colleague("operator").client
    assert "改到二楼了" not in operator.get(PAGE).text  # not in force yet: not to be read out
    later = clock.now() + timedelta(minutes=6)
    with clock.frozen(lambda: later):
        assert publish_due(held.database) == 1
    assert "改到二楼了" in operator.get(PAGE).text
    versions = f"{PAGE}/versions"
    today = clock.today().isoformat()
    page = submitted.client.get(versions, query_string={"day": today}).text
    assert "改到二楼了" in page
    assert "第 1 版" in page
    for wrong in ({"day": "x"}, {"day": today, "time": "99"}, {"day": "9999-12-31"}):
        assert "读不懂" in submitted.client.get(versions, query_string=wrong).text
    compared = submitted.client.get(f"{versions}/compare", query_string={"a": "2", "b": "1"})
    assert "<ins>改到二楼了" in compared.text
    for address in (f"{versions}/compare?a=x", f"{versions}/99", f"{versions}/compare?a=1&b=99"):
        assert submitted.client.get(address).status_code == 404
    assert submitted.submit(f"{versions}/1/restore", f"{versions}/1").status_code == 302
    assert "恢复为草稿" in submitted.client.get(PAGE).text


def test_the_list_finds_what_stands_where(submitted: Colleague) -> None:
    for state, there in (("department", True), ("hotline", False), ("review_due", False)):
        page = submitted.client.get("/department", query_string={"state": state}).text
        assert (PAGE in page) is there, state
