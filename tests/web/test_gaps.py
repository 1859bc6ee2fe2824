"""From questions that nobody could answer to an entry that does, at real pages."""

import io
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded, publish, withdraw
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.status import Status
from knowledge.outcomes.models import Outcome
from knowledge.people.actor import system
from tests.conftest import Served
from tests.waiting import within_a_second
from tests.web.conftest import Colleague, Visitor
from web.services import Services

PAGE = "/department/gaps/"
QUESTION = "海葵花养殖补贴怎么申领"


@pytest.fixture
def manager(colleague: Callable[[str], Colleague]) -> Colleague:
    return colleague("manager")


def gap_of(held: Services, text: str) -> Gap:
    with held.database.read() as session:
        query = select(Gap).join(GapQuestion, GapQuestion.gap_id == Gap.id)
        return session.scalars(query.where(GapQuestion.text == text).distinct()).one()


def last_outcome(held: Services) -> Outcome:
    with held.database.read() as session:
        return session.scalars(select(Outcome).order_by(Outcome.id.desc())).first() or Outcome()


def test_from_a_gap_to_an_entry_that_closes_it(
    served: Served, held: Services, manager: Colleague
) -> None:
    for text in (QUESTION, QUESTION, "养殖海葵花的补贴在哪里领"):
        assert Visitor(served.app).ask(text)["decision"] == "no_answer"
    assert held.gaps.run()
    gap = gap_of(held, QUESTION)
    assert gap.suggested_department_id is not None
    page = manager.client.get(f"{PAGE}{gap.id}").text
    assert "检索最接近的条目" in page
    assert "约 3 人" in page
    link = f"/department/entries/new?gap={gap.id}&department={gap.suggested_department_id}"
    form = manager.client.get(link).text
    assert f'value="{QUESTION}"' in form
    assert "养殖海葵花的补贴在哪里领" in form
    category = re.search(r'<option value="(\d+)" selected', form.split('id="category"')[1])
    assert category is not None
    answer = manager.submit(
        link, link, department=str(gap.suggested_department_id), standard_question=QUESTION,
        similar_questions="养殖海葵花的补贴在哪里领", answer="到农业窗口申领。",
        category=category.group(1), audience="个人", action="submit",
    )  # fmt: skip
    assert answer.status_code == 302
    code = answer.location.rsplit("/", 1)[1]
    gap = gap_of(held, QUESTION)
    assert gap.status == Status.DRAFTING.value
    with held.database.write() as session:  # the review has tests of its own
        entry = entry_coded(session, code)
        publish(session, system(), entry, entry.lock_version)
    assert within_a_second(lambda: held.search.search(QUESTION).hits[0].code == code)
    assert held.gaps.run()
    gap = gap_of(held, QUESTION)
    assert (gap.status, gap.answered, gap.checked) == (Status.ANSWERED.value, 2, 2)
    assert "检查了 2 个问法，答上 2 个" in manager.client.get(f"{PAGE}{gap.id}").text
    with held.database.write() as session:
        entry = entry_coded(session, code)
        withdraw(session, system(), entry, entry.lock_version, "试完了")


def test_how_a_question_ended_is_kept_with_the_question_itself(
    served: Served, held: Services
) -> None:
    citizen = Visitor(served.app)
    options = citizen.ask("惠企政策")["options"]
    citizen.ask("2")
    kept = last_outcome(held)
    assert (kept.kind, kept.text, kept.offered.index(kept.entry_id or 0)) == (
        "chosen", "惠企政策", 1,
    )  # fmt: skip
    assert len(kept.offered) == len(options)
    citizen.ask("惠企政策")
    citizen.ask("都不是")
    kept = last_outcome(held)
    assert (kept.kind, kept.text) == ("none_of_these", "惠企政策")
    held.gaps.run()
    assert gap_of(held, "惠企政策").status == Status.OPEN.value


def test_chosen_questions_are_suggested_until_dismissed(
    served: Served, held: Services, manager: Colleague, colleague: Callable[[str], Colleague]
) -> None:
    citizen = Visitor(served.app)
    citizen.ask("惠企政策")
    citizen.ask("1")
    with held.database.read() as session:
        code = session.get_one(Entry, last_outcome(held).entry_id).code
    path = f"/department/wording/suggested/{code}"
    assert 'data-text="惠企政策"' in manager.client.get(path).text
    assert colleague("operator").client.get(path).status_code == 403
    done = manager.submit(f"{path}/dismiss", PAGE, text="惠企政策")
    assert done.status_code == 204
    assert 'data-text="惠企政策"' not in manager.client.get(path).text


def test_what_another_entry_says_already_is_told_in_words(manager: Colleague) -> None:
    def told(text: str, **more: str) -> list[dict[str, str]]:
        path = "/department/wording/duplicates"
        found: list[dict[str, str]] = manager.submit(path, PAGE, text=text, **more).get_json()[
            "duplicates"
        ]
        return found

    first = told("发生火灾打什么电话", region="厦门市海沧区")[0]
    assert first["words"] == "一字不差"
    assert first["department"]
    assert all(
        one["code"] != first["code"] for one in told("发生火灾打什么电话", code=first["code"])
    )
    assert told("？！") == []
    assert told("量子计算机怎么退货") == []


def test_the_list_goes_out_as_a_sheet_and_no_text_is_a_formula(
    served: Served, held: Services, manager: Colleague
) -> None:
    Visitor(served.app).ask("=HYPERLINK(1)航天飞机怎么修")
    held.gaps.run()
    book = load_workbook(io.BytesIO(manager.client.get(f"{PAGE}export.xlsx").data))
    cells = [cell for row in book["问题"].iter_rows() for cell in row]
    (cell,) = [cell for cell in cells if "航天飞机" in str(cell.value)]
    assert cell.data_type == "s"


def test_others_decide_nothing(
    served: Served, held: Services, colleague: Callable[[str], Colleague], manager: Colleague
) -> None:
    Visitor(served.app).ask("火星基地的居住证怎么换")
    held.gaps.run()
    gap = gap_of(held, "火星基地的居住证怎么换")
    path = f"{PAGE}{gap.id}"
    with held.database.read() as session:
        far = entry_coded(session, "hc-hall-01").department_id
    answer = manager.submit(f"{path}/assign", path, department=str(far))
    assert answer.status_code == 302
    stranger = colleague("editor2")
    assert stranger.client.get(path).status_code == 403
    for target, data in (
        ("decide", {"outcome": "ignored"}),
        ("assign", {"department": ""}),
        ("questions", {"texts": gap.title, "entry": "hc-hall-01", "action": "add"}),
        ("merge", {"other": "1"}),
    ):
        refused = stranger.submit(f"{path}/{target}", PAGE, lock_version="2", **data)
        assert refused.status_code == 403, target
    assert colleague("operator").client.get(PAGE).status_code == 403
    assert stranger.submit(f"{PAGE}regroup", PAGE).status_code == 403
    assert gap_of(held, gap.title).status == Status.OPEN.value
