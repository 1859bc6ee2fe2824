"""The life of an entry: drafted, published, edited, withdrawn; and who may do it."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from knowledge import clock
from knowledge.audit.service import history
from knowledge.database import Database
from knowledge.entries.content import window
from knowledge.entries.lists import State
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.service import create, entry_coded, publish, save_draft, withdraw
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.feed.service import changed_since, head
from knowledge.people.actor import system
from tests.knowledge.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_from_the_first_draft_to_the_withdrawal(office: Office) -> None:
    office.draft()
    assert (office.state(), office.served()) == (State.DRAFT, None)
    office.publish()
    assert (office.state(), office.served()) == (State.LIVE, "带身份证到窗口办。")
    office.save(answer="网上就能办。")
    assert (office.state(), office.served()) == (State.CHANGED, "带身份证到窗口办。")
    office.publish()
    assert (office.state(), office.served()) == (State.LIVE, "网上就能办。")
    office.withdraw()
    assert (office.state(), office.served()) == (State.WITHDRAWN, None)
    office.publish()
    assert (office.state(), office.served()) == (State.LIVE, "网上就能办。")


def test_what_was_published_is_kept_word_for_word(office: Office) -> None:
    office.draft()
    office.publish()
    office.save(answer="第二版", similar_questions=("办老年证",))
    office.publish()
    office.withdraw()
    with office.database.read() as session:
        entry = entry_coded(session, "card")
        versions = session.scalars(
            select(EntryVersion)
            .where(EntryVersion.entry_id == entry.id)
            .order_by(EntryVersion.number)
        ).all()
        assert [(one.number, one.answer, one.published_at is None) for one in versions] == [
            (1, "带身份证到窗口办。", False),
            (2, "第二版", False),
            (3, "第二版", True),  # what was withdrawn waits as a draft
        ]
        assert content_of(versions[2]) == content_of(versions[1])
        assert [one.action for one in history(session, f"entry:{entry.id}")] == [
            "entry_withdrawn", "entry_published", "draft_saved", "entry_published", "entry_created",
        ]  # fmt: skip
        assert history(session, f"entry:{entry.id}", 1)[0].after == {"reason": "政策已废止"}


def test_saving_a_draft_again_writes_over_the_draft_alone(office: Office) -> None:
    office.draft(similar_questions=("甲", "乙"))
    office.save(answer="改", similar_questions=("丙",))
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(EntryVersion)) == 1
        draft = entry_coded(session, "card").draft
        assert draft is not None
        assert content_of(draft).similar_questions == ("丙",)


def test_each_change_of_what_is_served_has_the_next_revision_and_no_other(office: Office) -> None:
    with office.database.read() as session:
        start = head(session).revision
    office.draft()
    office.save(answer="草稿")
    with office.database.read() as session:
        assert head(session).revision == start
    assert [office.publish(), office.withdraw(), office.publish()] == [
        start + 1, start + 2, start + 3,
    ]  # fmt: skip
    with office.database.read() as session:
        entry = entry_coded(session, "card")
        assert changed_since(session, start) == [entry.id]
        assert changed_since(session, start + 3) == []


def test_a_change_that_fails_half_way_leaves_no_trace(office: Office) -> None:
    office.draft()
    with office.database.read() as session:
        before = head(session).revision

    def publish_and_fail() -> None:
        with office.database.write() as session:
            entry = entry_coded(session, "card")
            publish(session, system(), entry, entry.lock_version)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        publish_and_fail()
    with office.database.read() as session:
        assert head(session).revision == before
    assert office.state() is State.DRAFT


def test_the_second_of_two_people_is_told_whatever_the_second_does(office: Office) -> None:
    office.draft()
    office.publish()
    with office.database.read() as session:
        seen = entry_coded(session, "card").lock_version
    office.save(answer="王的修改")
    with office.database.write() as session:
        entry = entry_coded(session, "card")
        with pytest.raises(ConflictError, match="已被别人修改"):
            save_draft(session, office.wang, entry, office.content(answer="李"), seen)
        with pytest.raises(ConflictError, match="已被别人修改"):
            publish(session, office.wang, entry, seen)
        with pytest.raises(ConflictError, match="已被别人修改"):
            withdraw(session, office.wang, entry, seen, "过时")
    assert (office.state(), office.served()) == (State.CHANGED, "带身份证到窗口办。")


def test_the_lock_grows_with_each_change(office: Office) -> None:
    office.draft()
    seen = []
    for step in (office.publish, office.save, office.publish, office.withdraw):
        with office.database.read() as session:
            seen.append(entry_coded(session, "card").lock_version)
        step()
    assert seen == sorted(set(seen))


def test_another_department_may_not_write_publish_or_withdraw(office: Office) -> None:
    office.draft()
    office.publish()
    with office.database.write() as session:
        entry = entry_coded(session, "card")
        seen = entry.lock_version
        with pytest.raises(NotAllowedError, match="其他部门"):
            create(session, office.li, office.own, office.content())
        with pytest.raises(NotAllowedError, match="其他部门"):
            save_draft(session, office.li, entry, office.content(answer="李"), seen)
        for person in (office.li, office.wang):
            with pytest.raises(NotAllowedError, match="经过审核"):
                publish(session, person, entry, seen)
        with pytest.raises(NotAllowedError, match="其他部门"):
            withdraw(session, office.li, entry, seen, "过时")
    assert office.served() == "带身份证到窗口办。"
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 1


def test_what_cannot_be_done_says_why(office: Office) -> None:
    office.draft()
    with pytest.raises(ConflictError, match="没有在服务"):
        office.withdraw()
    office.publish()
    with pytest.raises(ConflictError, match="没有待发布的修改"):
        office.publish()
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(ContentError) as told:
            office.withdraw(reason=reason)
        assert list(told.value.problems) == ["reason"]
    with pytest.raises(ConflictError, match="“card”已被另一条目使用"):
        office.draft()
    with office.database.read() as session, pytest.raises(NotFoundError, match="“nothing”"):
        entry_coded(session, "nothing")
    assert office.served() == "带身份证到窗口办。"


def test_an_entry_counts_from_its_first_midnight_to_its_last_in_shanghai(office: Office) -> None:
    office.draft(valid_from=date(2030, 3, 1), valid_until=date(2030, 3, 31))
    office.publish()
    starts = datetime(2030, 2, 28, 16, 0, tzinfo=UTC)
    ends = datetime(2030, 3, 31, 16, 0, tzinfo=UTC)
    second = timedelta(seconds=1)
    for instant, state, served in (
        (starts - second, State.UPCOMING, False),
        (starts, State.LIVE, True),
        (ends - second, State.LIVE, True),
        (ends, State.EXPIRED, False),
    ):
        with clock.frozen(itertools.repeat(instant).__next__):
            assert office.state() is state
            assert (office.served() is not None) is served
            assert office.listed(state=state) == ["card"]
            other = {State.LIVE, State.UPCOMING, State.EXPIRED} - {state}
            assert [office.listed(state=one) for one in other] == [[], []]


def test_the_ends_of_the_calendar_are_days_like_others(office: Office) -> None:
    for since, until in ((date.min, None), (None, date.max), (date.min, date.max)):
        assert window(since, until).holds(clock.now())
    office.draft(valid_from=date.min, valid_until=date.max)
    office.publish()
    assert office.served() == "带身份证到窗口办。"
