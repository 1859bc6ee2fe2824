"""Documents are found however they are written, and none that is not meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.basis.citing import citing, passages
from knowledge.basis.documents import DOCUMENTS, documents, within_limits
from knowledge.basis.writing import mapped, plain
from knowledge.database import Database
from knowledge.entries.lists import State
from knowledge.errors import ContentError
from tests.knowledge.office import Office

WAYS = (
    "厦海审管〔2022〕5号",
    "厦海审管[2022]5号",
    "厦海审管（２０２２）５号",
    "厦海审管【2022】 第 5 号",
    "厦海 审管﹝2022﹞5号",
)


def named(text: str) -> list[str]:
    return [one.named for one in documents(text)]


def cites(query: str, text: str) -> bool:
    return bool(passages(text, documents(query)))


@pytest.mark.parametrize("asked", WAYS)
@pytest.mark.parametrize("written", WAYS)
def test_a_number_is_found_however_it_is_written(asked: str, written: str) -> None:
    assert cites(asked, f"依据：《通知》（{written}）第三条")
    assert cites(f"我局根据{asked}的要求", f"见{written}")


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("厦海审管〔2022〕5号", "厦海审管〔2022〕15号"),
        ("厦海审管〔2022〕5号", "厦海审管〔2022〕50号"),
        ("厦海审管〔2022〕5号", "厦海审管〔2021〕5号"),
        ("厦海审管〔2022〕5号", "厦海政办〔2022〕5号"),
        ("国办发〔2020〕53号", "厦府办发〔2020〕53号"),
        ("国务院令第663号", "国务院令第66号"),
        ("国务院令第663号", "公安部令第663号"),
        ("《厦门市居住证管理办法》", "居住证管理办法"),
    ],
)
def test_another_document_is_not_taken_for_it(asked: str, written: str) -> None:
    assert not cites(asked, written)


def test_titles_are_found_with_and_without_their_marks() -> None:
    for asked in ("《厦门市居住证管理办法》", "厦门市 居住证管理办法", "厦门市居住证管理办法\n"):
        assert cites(asked, "依据《厦门市居住证管理办法》第五条")
        assert cites(asked, "厦门市居住证管理办法")
    assert cites("国务院令第663号", "《居住证暂行条例》（国务院令第 ６６３ 号）")


def test_a_paragraph_gives_all_its_documents() -> None:
    paragraph = (
        "各部门：根据国办发〔2020〕53号和厦海审管〔2022〕5号，《厦门市居住证管理办法》"
        "（厦门市人民政府令第158号）自即日起废止。特此通知。"
    )
    assert named(paragraph) == [
        "国办发〔2020〕53号",
        "厦海审管〔2022〕5号",
        "厦门市人民政府令158号",
        "《厦门市居住证管理办法》",
    ]
    assert named("厦海审管〔2022〕5号\n厦门市居住证管理办法\n特此告知") == [
        "厦海审管〔2022〕5号",
        "厦门市居住证管理办法",
    ]


@pytest.mark.parametrize("text", ["", " \n ", "的", "长" * 61, "字" * 5001, "《》"])
def test_what_names_no_document_is_told(text: str) -> None:
    with pytest.raises(ContentError) as told:
        documents(text)
    assert set(told.value.problems) == {"q"}


def test_no_more_are_looked_for_than_an_address_holds() -> None:
    found = documents("\n".join(f"厦海审管〔2022〕{number}号" for number in range(1, 200)))
    assert len(found) == 199
    assert len(within_limits(found)) == DOCUMENTS


def test_a_passage_shows_the_text_as_it_was_written() -> None:
    (pieces,) = passages("见 厦海审管［２０２２］ 第5号 第三条", documents(WAYS[0]))
    assert pieces == (("见 ", False), ("厦海审管［２０２２］ 第5号", True), (" 第三条", False))


@given(st.text())
def test_the_mapped_form_is_the_plain_form(text: str) -> None:
    formed, where = mapped(text)
    assert formed == plain(text)
    assert len(where) == len(formed)
    assert where == sorted(where)


@given(st.text(alphabet="厦海审管〔〕[]（）()2022 第5号令《》的和", max_size=60))
def test_any_text_is_searched_without_a_fault(text: str) -> None:
    try:
        found = documents(text)
    except ContentError:
        return
    for pieces in passages(text, found):
        assert pieces[1][0] in text


def test_entries_of_all_departments_are_listed_with_their_places(database: Database) -> None:
    office = Office(database)
    office.draft("basis", legal_basis="厦海审管[2022]5号 三、（一）2")
    office.draft("answer", answer="按（厦海审管（2022）第5号）办理。")
    office.draft("other", legal_basis="厦海审管〔2022〕15号")
    office.draft("unpublished", legal_basis=WAYS[0])
    for code in ("basis", "answer", "other"):
        office.publish(code)
    with database.read() as session:
        found = citing(session, documents(WAYS[0]))
    assert [(one.code, [place.field for place in one.places]) for one in found] == [
        ("basis", ["办理依据"]),
        ("answer", ["答案"]),
    ]
    assert {one.state for one in found} == {State.LIVE}
