"""Questions without an answer are gathered by meaning; what staff decided about them stays."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from embeddings.index import Decision
from knowledge import clock
from knowledge.database import Database
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.gaps import service
from knowledge.gaps.assigning import assign
from knowledge.gaps.checking import reopen_asked
from knowledge.gaps.collecting import claim, collect, release
from knowledge.gaps.lists import Filter, account, gaps
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.status import Status
from knowledge.people.actor import Actor, Role
from knowledge.queries.service import log_query
from knowledge.search.result import SearchResult
from tests.embeddings.encoder import NgramEncoder
from tests.knowledge.office import Office

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MANAGER = Actor(9, "赵管理", None, frozenset({Role.MANAGER}))
encode = NgramEncoder(dimension=512).encode


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with clock.frozen(lambda: NOW):
        yield Office(database)


def ask(database: Database, *texts: str, decision: Decision = Decision.NO_ANSWER) -> None:
    with database.write() as session:
        for text in texts:
            log_query(session, "web", text, SearchResult(text, decision, (), 1.0))


def keep(database: Database, *, anew: bool = False) -> None:
    with database.write() as session:
        collect(session)
    assign(database, encode, anew=anew)


def groups(database: Database) -> dict[int, Counter[str]]:
    with database.read() as session:
        rows = session.execute(select(GapQuestion.gap_id, GapQuestion.text))
        found: dict[int, Counter[str]] = {}
        for gap_id, text in rows:
            found.setdefault(gap_id or 0, Counter())[text] += 1
    return found


def test_questions_find_together_and_new_ones_find_their_group(office: Office) -> None:
    base = office.database
    ask(base, "港澳签注怎么办", "港澳签注怎么办呢", "花生什么时候种")
    ask(base, "这个答上了", decision=Decision.ANSWER)
    keep(base)
    before = groups(base)
    assert sorted(sum(one.values()) for one in before.values()) == [1, 2]
    ask(base, "港澳签注怎么办啊", "港澳签注怎么办？")
    keep(base)
    keep(base)  # nothing counts twice
    after = groups(base)
    assert set(after) == set(before)
    assert sorted(sum(one.values()) for one in after.values()) == [1, 4]


def test_regrouping_keeps_ids_and_what_was_decided(office: Office) -> None:
    base = office.database
    ask(base, "港澳签注怎么办", "港澳签注怎么办呢", "花生什么时候种", "社保卡丢了怎么补")
    keep(base)
    ids = {next(iter(texts)): gap_id for gap_id, texts in groups(base).items()}
    with base.write() as session:
        service.ignore(session, MANAGER, ids["花生什么时候种"], 1)
        service.merge(session, MANAGER, ids["花生什么时候种"], 2, ids["社保卡丢了怎么补"])
    before = groups(base)
    keep(base, anew=True)
    assert groups(base) == before  # the merged pair, which no likeness would join, as well
    ask(base, "社保卡丢了怎么补？")
    keep(base)
    assert groups(base)[ids["花生什么时候种"]]["社保卡丢了怎么补？"] == 1
    with base.read() as session:
        assert session.get_one(Gap, ids["花生什么时候种"]).status == Status.IGNORED.value


def test_a_department_sees_its_own_and_nobodys_and_decides_on_its_own(office: Office) -> None:
    base = office.database
    ask(base, "港澳签注怎么办")
    keep(base)
    (gap_id,) = groups(base)
    with base.read() as session:
        assert len(gaps(session, office.li, Filter()).rows) == 1
    with base.write() as session, pytest.raises(NotAllowedError):
        service.ignore(session, office.li, gap_id, 1)  # nobody's: to be taken first
    with base.write() as session, pytest.raises(NotAllowedError):
        service.assign(session, office.li, gap_id, 1, office.own)
    with base.write() as session:
        service.assign(session, office.li, gap_id, 1, office.other)
    with base.read() as session:
        assert gaps(session, office.wang, Filter()).rows == []
        with pytest.raises(NotAllowedError):
            service.gap_for(session, office.wang, gap_id)
    with base.write() as session, pytest.raises(ConflictError):
        service.ignore(session, office.li, gap_id, 1)  # seen before it was assigned
    with base.write() as session, pytest.raises(ContentError):
        service.out_of_remit(session, office.li, gap_id, 2, " ")
    with base.write() as session:
        service.out_of_remit(session, office.li, gap_id, 2, "由省厅受理，请拨打 12345 转省级平台")
    ask(base, "港澳签注怎么办呀")
    keep(base)
    with base.read() as session:
        assert gaps(session, MANAGER, Filter()).rows == []
        closed = gaps(session, MANAGER, Filter(status=Status.OUT_OF_REMIT)).rows
        assert [(one.gap.id, one.asked) for one in closed] == [(gap_id, 2)]


def test_what_counts_as_answered_comes_back_when_asked_again_and_again(office: Office) -> None:
    base = office.database
    office.draft()
    office.publish()
    ask(base, "老年优待证在哪里领")
    keep(base)
    (gap_id,) = groups(base)
    with base.write() as session:
        service.answered_by(session, MANAGER, gap_id, 1, "card")
    for minutes, status in ((1, Status.ANSWERED), (2, Status.OPEN)):
        with clock.frozen(lambda minutes=minutes: NOW + timedelta(minutes=minutes)):  # type: ignore[misc]
            ask(base, *["老年优待证在哪里领"] * (3 if minutes == 1 else 1))
            keep(base)
            with base.write() as session:
                reopen_asked(session)
                assert session.get_one(Gap, gap_id).status == status.value


def test_chosen_questions_become_similar_questions_of_an_entry(office: Office) -> None:
    base = office.database
    office.draft()
    office.publish()
    ask(base, "老年优待证在哪里领", "老年优待证在哪里领啊")
    keep(base)
    (gap_id,) = groups(base)
    with base.write() as session, pytest.raises(NotAllowedError):
        service.add_phrasings(session, office.li, gap_id, 1, "card", ["老年优待证在哪里领"])
    texts = ["老年优待证在哪里领", "不是这一组的问题"]
    with base.write() as session:
        entry = service.add_phrasings(session, office.wang, gap_id, 1, "card", texts)
        assert entry.draft is not None
        assert [one.text for one in entry.draft.phrasings] == texts[:1]
        assert session.get_one(Gap, gap_id).status == Status.DRAFTING.value
    assert office.served() == "带身份证到窗口办。"


def test_a_question_that_means_something_else_is_taken_out_for_good(office: Office) -> None:
    base = office.database
    ask(base, "港澳签注怎么办", "港澳签注怎么办呢")
    keep(base)
    (gap_id,) = groups(base)
    with base.write() as session, pytest.raises(ContentError):
        service.split(session, MANAGER, gap_id, 1, ["港澳签注怎么办", "港澳签注怎么办呢"])
    with base.write() as session:
        service.split(session, MANAGER, gap_id, 1, ["港澳签注怎么办呢"])
    apart = groups(base)
    assert len(apart) == 2
    keep(base, anew=True)
    ask(base, "港澳签注怎么办呢")
    keep(base)
    assert sorted(sum(one.values()) for one in groups(base).values()) == [1, 2]


def test_one_process_at_a_time_and_a_killed_ones_claim_lapses(office: Office) -> None:
    base, lease = office.database, timedelta(minutes=3)
    with base.write() as session:
        assert claim(session, "a", lease)
        assert claim(session, "a", lease)
        assert not claim(session, "b", lease)
    with clock.frozen(lambda: NOW + timedelta(minutes=4)), base.write() as session:
        assert claim(session, "b", lease)
        release(session, "a")  # late: it is not a's any more
        assert not claim(session, "a", lease)


def test_a_gap_tells_how_many_asked_when_and_how_it_weighs(office: Office) -> None:
    base = office.database
    with clock.frozen(lambda: NOW - timedelta(days=14)):
        ask(base, *["花生什么时候种"] * 4)
    ask(base, *["港澳签注怎么办"] * 3)
    keep(base)
    with base.read() as session:
        listed = gaps(session, MANAGER, Filter()).rows
        assert [(one.gap.title, one.asked, one.week) for one in listed] == [
            ("港澳签注怎么办", 3, 3),
            ("花生什么时候种", 4, 0),
        ]
        assert [round(one.weight, 2) for one in listed] == [3.0, 2.0]
        assert [one.asked for one in gaps(session, MANAGER, Filter(days=7)).rows] == [3]
        assert [one.asked for one in gaps(session, MANAGER, Filter(text="花生")).rows] == [4]
        told = account(session, listed[1].gap.id)
        assert (told.asked, told.days) == (4, 1)
        assert [count for _, count in told.weeks] == [0, 0, 0, 0, 0, 4, 0, 0]
