"""The list's own row of each entry, full-text search, saved filters: always in step."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text

from knowledge.categories.keeping import counts, merge_category
from knowledge.categories.models import Category
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.closing import merge_department
from knowledge.departments.models import Department
from knowledge.entries.grams import grams, phrases
from knowledge.entries.listing import behind, rebuild
from knowledge.entries.lists import Filter, Order, Sort, State, codes, count, entries
from knowledge.entries.models import EntryListing, EntryText
from knowledge.entries.service import archive, entry_coded
from knowledge.errors import ContentError, NotFoundError
from knowledge.filters import service as filters
from knowledge.people.actor import system
from tests.knowledge.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.read() as session:
        listed = session.execute(select(EntryListing.__table__).order_by(EntryListing.entry_id))
        said = session.execute(select(EntryText.__table__).order_by(EntryText.entry_id))
        return [tuple(row) for found in (listed, said) for row in found]


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        ("证", True),  # one character, at the end of a text too
        ("卡", True),
        ("老年", True),
        ("老人卡", True),
        ("ＷＩＦＩ", True),  # width and case make no difference
        ("wifi密", True),
        ("〔2020〕", True),
        ("100%", True),
        ("0% wifi", True),  # two words, in two places
        ("老人 卡", True),
        ("年老", False),
        ("证老", False),  # not across two texts
        ("老人证", False),
        ("100_", False),
        ('" OR "', False),
        ("*", False),
        ("   ", True),
        ("\x00", False),
    ],
)
def test_any_substring_is_found_and_nothing_else(
    office: Office, looked_for: str, found: bool
) -> None:
    office.draft(
        standard_question="怎么办老年证",
        similar_questions=("WiFi密码多少", "办老人卡"),
        answer="免费 100%",
        legal_basis="民发〔2020〕1号",
    )
    with office.database.read() as session:
        wanted = Filter(text=looked_for.strip(" "))
        assert (count(session, wanted) == 1) is found


def test_the_list_follows_each_change_and_forgets_what_was_not_kept(office: Office) -> None:
    office.draft(answer="到一楼窗口办。")
    office.publish()
    assert office.listed(text="一楼") == ["card"]
    office.save(answer="到二楼窗口办。")
    assert office.listed(text="一楼") == office.listed(text="二楼") == ["card"]  # both versions
    office.publish()
    assert (office.listed(text="一楼"), office.listed(text="二楼")) == ([], ["card"])

    def change_and_fail() -> None:
        with office.database.write() as session:
            entry = entry_coded(session, "card")
            assert entry.published is not None
            entry.published.answer = "到三楼窗口办。"
            session.flush()
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        change_and_fail()
    assert office.listed(text="三楼") == []
    office.withdraw()
    assert office.listed(state=State.WITHDRAWN) == ["card"]
    with office.database.write() as session:
        entry = entry_coded(session, "card")
        archive(session, system(), entry, entry.lock_version, "不用了")
    assert office.listed() == []
    assert office.listed(state=State.ARCHIVED, text="二楼") == ["card"]
    kept = rows(office.database)
    with office.database.write() as session:
        assert rebuild(session) == 1
        session.execute(text("INSERT INTO entry_grams(entry_grams) VALUES ('integrity-check')"))
    assert rows(office.database) == kept


def test_mergers_which_write_whole_tables_take_the_list_along(office: Office) -> None:
    office.draft()
    office.publish()
    office.save(answer="改了。")
    with office.database.write() as session:
        other = add_category(session, code="other", name="别的", parent="top").id
        seen = session.get_one(Category, office.leaf).lock_version
        merge_category(session, system(), office.leaf, other, seen)
        seen = session.get_one(Department, office.own).lock_version
        merge_department(session, system(), office.own, office.other, seen)
    assert office.listed(department_id=office.other, category_id=other) == ["card"]
    kept = rows(office.database)
    with office.database.write() as session:
        assert behind(session) == 0
        rebuild(session)
    assert rows(office.database) == kept


def test_columns_are_sorted_both_ways_and_codes_follow(office: Office) -> None:
    for code, question in (("b", "乙？"), ("a", "甲？"), ("c", "丙？")):
        office.draft(code, standard_question=question)
    with office.database.read() as session:
        for down in (False, True):
            order = Order(Sort.QUESTION, down)
            page = entries(session, Filter(), order=order)
            questions = [row.question for row in page.rows]
            assert questions == sorted(questions, reverse=down)
            assert codes(session, Filter(), 2, order) == [row.code for row in page.rows][:2]


def test_categories_count_an_entry_under_both_of_its_versions(office: Office) -> None:
    office.draft()
    office.publish()
    with office.database.write() as session:
        other = add_category(session, code="other", name="别的", parent="top").id
    office.save(category_id=other)
    with office.database.read() as session:
        assert counts(session) == {office.leaf: 1, other: 1}


def test_filters_are_each_persons_own(office: Office) -> None:
    from knowledge.people.actor import Role
    from knowledge.people.service import add_user

    with office.database.write() as session:
        one, two = (
            add_user(
                session,
                system(),
                username=name,
                display_name=name,
                password="long-enough-1",
                roles=[Role.OPERATOR],
                department=None,
            ).id
            for name in ("one", "two")
        )
    mine, other = replace(office.wang, user_id=one), replace(office.li, user_id=two)
    with office.database.write() as session:
        kept = filters.keep(session, mine, " 快 到期 ", {"state": "ending", "q": ""})
        again = filters.keep(session, mine, "快 到期", {"state": "live"})
        assert again is kept
        assert kept.wanted == {"state": "live"}
        filters.open_first(session, mine, kept.id, True)
        assert filters.filters(session, other) == []
        with pytest.raises(NotFoundError):
            filters.forget(session, other, kept.id)
        with pytest.raises(NotFoundError):
            filters.open_first(session, other, kept.id, True)
        for name in ("", " ", "长" * 31):
            with pytest.raises(ContentError):
                filters.keep(session, mine, name, {})
    with office.database.read() as session:
        assert [(one.name, one.first) for one in filters.filters(session, mine)] == [
            ("快 到期", True)
        ]


def test_grams_of_one_and_of_many() -> None:
    assert grams("老年证 a") == "老年 年证 证 a"
    assert phrases("老年证 a") == ["老年 年证", "a"]
    assert phrases("") == phrases(" \x00 ") == []
