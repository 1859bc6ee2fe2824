"""The rules of an entry's wording, and the list in which staff find it."""

from datetime import date
from typing import Any

import pytest

from knowledge.database import Database
from knowledge.entries.lists import Filter, State, entries
from knowledge.entries.service import create, entry_coded
from knowledge.entries.versions import content_of
from knowledge.errors import ContentError
from tests.knowledge.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"standard_question": " "}, "standard_question", "请填写标准问"),
        ({"standard_question": "？！"}, "standard_question", "不能只有符号"),
        ({"standard_question": "字" * 129}, "standard_question", "129 个字，最多 128"),
        ({"answer": "\n"}, "answer", "请填写答案"),
        ({"answer": "字" * 8001}, "answer", "最多 8000"),
        ({"answer": "看\u202e见"}, "answer", "看不见的控制字符"),
        ({"spoken_answer": "字" * 301}, "spoken_answer", "最多 300"),
        ({"similar_questions": ("好", "？？")}, "similar_questions", "第 2 条没有文字"),
        ({"similar_questions": ("字" * 201,)}, "similar_questions", "第 1 条超过 200"),
        (
            {"similar_questions": tuple(f"第{n}问" for n in range(61))},
            "similar_questions",
            "有 61 条，最多 60 条",
        ),
        (
            {"similar_questions": ("办老人卡",), "negative_questions": ("办老人卡！",)},
            "negative_questions",
            "同时是相似问和负例问",
        ),
        ({"audience": ()}, "audience", "个人"),
        ({"audience": ("外星人",)}, "audience", "个人"),
        (
            {"valid_from": date(2026, 3, 2), "valid_until": date(2026, 3, 1)},
            "valid_until",
            "早于有效期起",
        ),
        ({"category_id": 999}, "category", "末级分类"),
    ],
)
def test_a_broken_rule_is_named_by_its_field(
    office: Office, changed: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ContentError) as told:
        office.draft(**changed)
    assert list(told.value.problems) == [field]
    assert words in told.value.problems[field]
    assert office.listed() == []


def test_a_category_with_others_below_it_takes_no_entries(office: Office) -> None:
    with pytest.raises(ContentError, match="末级分类"):
        office.draft(category_id=office.inner)


def test_the_wording_is_tidied_and_repeated_phrasings_go(office: Office) -> None:
    office.draft(
        standard_question="  老年证  怎么办？ ",
        answer="\r\n第一行\r\n第二行\r\n",
        similar_questions=("老年证怎么办", "办 老人卡", "办老人卡", "办老人卡？", ""),
    )
    with office.database.read() as session:
        draft = entry_coded(session, "card").draft
        assert draft is not None
        content = content_of(draft)
    assert content.standard_question == "老年证 怎么办？"
    assert content.answer == "第一行\n第二行"
    assert content.similar_questions == ("办 老人卡",)


def test_the_list_is_filtered_by_words_department_and_state(office: Office) -> None:
    office.draft("card", similar_questions=("办老人卡",), legal_basis="民发〔2020〕1号")
    office.draft("pension", standard_question="高龄津贴 100% 发放吗？")
    office.publish("pension")
    with office.database.write() as session:
        create(session, office.li, office.other, office.content(), code="tax")
    assert office.listed(text="老人卡") == ["card"]
    assert office.listed(text="民发〔2020〕1号") == ["card"]
    assert office.listed(text="津贴 发放") == ["pension"]
    assert office.listed(text="0%") == ["pension"]
    assert office.listed(text="%") == ["pension"]
    assert office.listed(text="_") == []
    assert office.listed(text="pension") == ["pension"]
    assert office.listed(department_id=office.other) == ["tax"]
    assert office.listed(department_id=office.own) == ["card", "pension"]
    assert office.listed(state=State.LIVE) == ["pension"]
    assert office.listed(state=State.DRAFT) == ["card", "tax"]


def test_pages_beyond_the_ends_are_the_nearest_page(office: Office) -> None:
    for number in range(5):
        office.draft(f"e{number}")
    with office.database.read() as session:
        for asked, shown, rows in ((-3, 1, 2), (1, 1, 2), (3, 3, 1), (99, 3, 1)):
            page = entries(session, Filter(), asked, size=2)
            assert (page.number, len(page.rows), page.total, page.pages) == (shown, rows, 5, 3)
        assert entries(session, Filter(text="没有的")).pages == 1
