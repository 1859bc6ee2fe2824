"""Versions of an entry: compared, restored, and asked for by the day on which they answered."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from knowledge import clock
from knowledge.database import Database
from knowledge.database.migrate import downgrade, upgrade
from knowledge.entries.content import EntryContent
from knowledge.entries.differences import LABELS, Difference, differences
from knowledge.entries.history import restore, spells, versions
from knowledge.entries.service import entry_coded
from knowledge.errors import ConflictError, NotAllowedError, NotFoundError
from knowledge.review import service as review
from knowledge.review.deadlines import Deadlines
from tests.knowledge.office import Office

DAY = timedelta(days=1)
START = datetime(2030, 5, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def only(before: EntryContent, after: EntryContent) -> Difference:
    found = differences(before, after)
    assert len(found) == 1
    return found[0]


def side(difference: Difference, which: str) -> str:
    """Return one side, with what changed in brackets."""
    pieces = getattr(difference, which)
    return "".join(f"[{one.text}]" if one.changed else one.text for one in pieces)


def test_every_field_of_the_content_is_compared() -> None:
    assert set(LABELS) == set(EntryContent.__dataclass_fields__)


def test_a_difference_marks_the_words_that_changed(office: Office) -> None:
    before = office.content(answer="第一步：到三楼窗口。\n第二步：交材料。\n第三步：拿证。")
    after = office.content(answer="第一步：到五楼窗口。\n第二步：交材料。\n第三步：拿证。\n免费。")
    found = only(before, after)
    assert (found.name, found.label) == ("answer", "答案")
    assert side(found, "before") == "第一步：到[三]楼窗口。\n第二步：交材料。\n第三步：拿证。"
    assert "第一步：到[五]楼窗口。" in side(found, "after")
    assert side(found, "after").endswith("[免费。]")
    assert differences(before, before) == []


def test_phrasings_days_and_categories_are_compared_as_people_read_them(office: Office) -> None:
    before = office.content(similar_questions=("办老年证", "老人卡"))
    after = office.content(
        similar_questions=("办老年证", "敬老卡怎么领取呢"),
        valid_until=date(2030, 3, 1),
        category_id=77,
    )
    found = differences(before, after, {office.leaf: "办事/老年人", 77: "办事/优待"})
    assert [(one.label, side(one, "before"), side(one, "after")) for one in found] == [
        ("相似问", "办老年证\n[老人卡]", "办老年证\n[敬老卡怎么领取呢]"),
        ("分类", "办事/[老年人]", "办事/[优待]"),
        ("有效期止", "", "[2030年3月1日]"),
    ]


def test_huge_contents_are_compared_without_an_end_in_sight_being_needed(office: Office) -> None:
    for one, other in (("甲\n" * 4000, "乙\n甲\n" * 2000), ("甲乙" * 4000, "乙甲" * 4000)):
        found = only(office.content(answer=one), office.content(answer=other))
        assert "".join(piece.text for piece in found.after) == other


def history_of_may(office: Office) -> None:
    """Version 1 from 1 May, 2 from 3 May noon, withdrawn on 5 May, 4 from 7 to 8 May."""
    with clock.frozen(itertools.repeat(START).__next__):
        office.draft(answer="一")
        office.publish()
    with clock.frozen(itertools.repeat(START + 2 * DAY).__next__):
        office.save(answer="二")
        office.publish()
    with clock.frozen(itertools.repeat(START + 4 * DAY).__next__):
        office.withdraw()
    with clock.frozen(itertools.repeat(START + 6 * DAY).__next__):
        office.save(answer="三", valid_until=date(2030, 5, 8))
        office.publish()


def answers(office: Office, start: datetime, end: datetime) -> list[str]:
    with office.database.read() as session:
        found = spells(session, entry_coded(session, "card"), start, end)
        return [one.version.answer for one in found]


def test_what_did_we_answer_on_that_day(office: Office) -> None:
    history_of_may(office)
    second = timedelta(seconds=1)
    midnight = datetime(2030, 5, 2, 16, 0, tzinfo=UTC)  # 3 May begins in Shanghai
    assert answers(office, midnight, midnight + DAY) == ["一", "二"]
    changed = START + 2 * DAY
    assert answers(office, changed - second, changed) == ["一"]
    assert answers(office, changed, changed + second) == ["二"]
    assert answers(office, START - DAY, START) == []
    withdrawn = START + 4 * DAY
    assert answers(office, withdrawn, START + 6 * DAY) == []
    ends = datetime(2030, 5, 8, 16, 0, tzinfo=UTC)
    assert answers(office, ends - second, ends) == ["三"]
    assert answers(office, ends, ends + DAY) == []


def test_an_older_base_knows_after_the_upgrade_what_it_answered(office: Office) -> None:
    history_of_may(office)
    told = [answers(office, START + n * DAY, START + (n + 1) * DAY) for n in range(9)]
    with office.database.read() as session:
        before = session.execute(text("SELECT count(*) FROM entry_versions")).scalar()
    downgrade(office.database, "0003")
    upgrade(office.database)
    assert [answers(office, START + n * DAY, START + (n + 1) * DAY) for n in range(9)] == told
    with office.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM entry_versions")).scalar() == before


def test_an_old_version_is_restored_into_a_draft_and_nothing_is_lost(office: Office) -> None:
    office.draft(answer="一", similar_questions=("甲",))
    office.publish()
    office.save(answer="二")
    office.publish()
    office.save(answer="三，还没写完")
    with office.database.write() as session:
        entry = entry_coded(session, "card")
        with pytest.raises(NotAllowedError):
            restore(session, office.li, entry, entry.lock_version, 1)
        with pytest.raises(NotFoundError, match="第 9 版"):
            restore(session, office.wang, entry, entry.lock_version, 9)
        with pytest.raises(ConflictError, match="已被别人修改"):
            restore(session, office.wang, entry, entry.lock_version - 1, 1)
        restore(session, office.wang, entry, entry.lock_version, 1)
    assert office.served() == "二"
    with office.database.write() as session:
        entry = entry_coded(session, "card")
        assert [one.answer for one in versions(session, entry)] == [
            "一",
            "三，还没写完",
            "二",
            "一",
        ]
        draft = entry.draft
        assert draft is not None
        assert [one.text for one in draft.phrasings] == ["甲"]
        with pytest.raises(ConflictError, match="就是现在的草稿"):
            restore(session, office.wang, entry, entry.lock_version, 4)
        review.submit(session, office.wang, entry, entry.lock_version, Deadlines())
        with pytest.raises(ConflictError, match="请先撤回"):
            restore(session, office.wang, entry, entry.lock_version, 2)
