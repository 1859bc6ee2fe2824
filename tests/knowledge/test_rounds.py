"""Review rounds: opened over what is in service, gone through, closed; marks on what is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from knowledge import clock
from knowledge.audit.service import history
from knowledge.database import Database
from knowledge.departments.closing import merge_department
from knowledge.departments.service import add_department, department
from knowledge.entries import service as entries
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Reach, Role, system
from knowledge.rereviews.service import marked, marks_on
from knowledge.review import service as review
from knowledge.review.tasks import Duty, tasks
from knowledge.rounds import service as rounds
from knowledge.rounds.lists import board, is_late, lines
from knowledge.rounds.models import Round
from knowledge.rounds.outcome import Outcome
from tests.knowledge.office import Office

START = datetime(2030, 3, 1, 1, 0, tzinfo=UTC)
DUE = date(2030, 3, 20)


class Campaign(Office):
    """The office, with three entries in service, and a clock that is moved by days."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.round = 0
        for code in ("one", "two", "three"):
            self.draft(code)
            self.publish(code)
        self.draft("never-published")

    def open(self, by: Actor | None = None, **plan: Any) -> int:
        with self.database.write() as session:
            wanted: dict[str, Any] = {"title": "一季度梳理", "due_on": DUE} | plan
            one = rounds.open_round(session, by or self.zhou, rounds.Plan(**wanted))
            self.round = one.id
            return len(lines(session, one).rows)

    def do(self, move: Callable[..., Any], *more: Any) -> Any:
        with self.database.write() as session:
            return move(session, *more)

    def on(self, code: str, move: Callable[..., Any], actor: Actor, *more: Any) -> Any:
        with self.database.write() as session:
            entry = entries.entry_coded(session, code)
            return move(session, actor, entry, entry.lock_version, *more)

    def look(self) -> Round:
        with self.database.read() as session:
            return rounds.round_numbered(session, self.round)

    def item(self, code: str) -> int:
        with self.database.read() as session:
            rows = lines(session, rounds.round_numbered(session, self.round)).rows
            return next(one.item_id for one in rows if one.entry.code == code)

    def confirm(self, code: str, by: Actor) -> None:
        item = self.item(code)
        with self.database.write() as session:
            rounds.confirm_item(session, by, rounds.round_numbered(session, self.round), item)

    def close(self, by: Actor) -> int:
        with self.database.write() as session:
            return rounds.close_round(session, by, rounds.round_numbered(session, self.round))

    def outcomes(self) -> dict[str, Outcome]:
        with self.database.read() as session:
            rows = lines(session, rounds.round_numbered(session, self.round)).rows
            return {one.entry.code: one.outcome for one in rows}

    def progress(self) -> list[tuple[str, int, int]]:
        with self.database.read() as session:
            parts = board(session, rounds.round_numbered(session, self.round))
            return [(one.department, one.done, one.total) for one in parts]

    def reasons(self, code: str) -> list[str]:
        with self.database.read() as session:
            return [m.reason for m in marks_on(session, entries.entry_coded(session, code).id)]

    def duties(self, actor: Actor) -> list[tuple[Duty, str]]:
        with self.database.read() as session:
            return [(one.duty, one.code) for one in tasks(session, actor)]


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    with clock.frozen(lambda: instant):
        yield


def day(number: int) -> Any:
    return at(START + timedelta(days=number))


@pytest.fixture
def campaign(database: Database) -> Campaign:
    with day(-30):
        return Campaign(database)


def test_what_is_done_counts_wherever_it_is_done(campaign: Campaign) -> None:
    with day(0):
        assert campaign.open() == 3
    with day(1):
        campaign.confirm("one", campaign.zhao)
        campaign.save("two", answer="改了。")
        assert campaign.progress() == [("民政局", 1, 3)]  # a draft is not yet served
        campaign.publish("two")
        campaign.withdraw("three")
    assert campaign.outcomes() == {
        "one": Outcome.CONFIRMED,
        "two": Outcome.EDITED,
        "three": Outcome.WITHDRAWN,
    }
    assert campaign.progress() == [("民政局", 3, 3)]
    with campaign.database.read() as session:
        entry = entries.entry_coded(session, "one")
        newest = history(session, f"entry:{entry.id}", 1)[0]
        assert (newest.action, newest.actor_name) == ("entry_confirmed", "赵审核")


def test_who_may_open_confirm_and_close(campaign: Campaign) -> None:
    with day(0):
        for stranger in (campaign.wang, campaign.zhao):
            with pytest.raises(NotAllowedError):
                campaign.open(stranger)
        campaign.open()
    with day(1):
        for stranger in (campaign.wang, campaign.li, campaign.qian):
            with pytest.raises(NotAllowedError):
                campaign.confirm("one", stranger)
        with pytest.raises(NotAllowedError):
            campaign.close(campaign.zhao)
    assert set(campaign.outcomes().values()) == {Outcome.LEFT}


def test_what_is_left_at_the_end_is_marked_until_somebody_looked(campaign: Campaign) -> None:
    with day(0):
        campaign.open()
    with day(1):
        campaign.confirm("one", campaign.zhao)
    with day(20):
        assert is_late(campaign.look())
        assert campaign.close(campaign.zhou) == 2
        assert not is_late(campaign.look())
        with pytest.raises(ConflictError, match="已由周管理结束"):
            campaign.close(campaign.zhou)
        with pytest.raises(ConflictError):
            campaign.confirm("two", campaign.zhao)
    assert campaign.reasons("one") == []
    assert campaign.reasons("two") == ["“一季度梳理”结束时还没有梳理"]
    assert campaign.duties(campaign.wang) == [(Duty.RECHECK, "three"), (Duty.RECHECK, "two")]
    assert campaign.duties(campaign.li) == []
    with day(21):
        campaign.on("two", review.confirm, campaign.zhao)
        campaign.withdraw("three")
    assert campaign.reasons("two") == campaign.reasons("three") == []
    assert campaign.duties(campaign.wang) == []
    # What was done later does not change what the closed round says.
    assert campaign.outcomes()["two"] is campaign.outcomes()["three"] is Outcome.LEFT


def test_a_last_day_counts_whole_in_shanghai(campaign: Campaign) -> None:
    with day(0):
        campaign.open()
    with at(datetime(2030, 3, 20, 15, 59, 59, tzinfo=UTC)):
        assert not is_late(campaign.look())
    with at(datetime(2030, 3, 20, 16, 0, tzinfo=UTC)):
        assert is_late(campaign.look())


def test_a_version_that_changed_or_expired_cannot_be_confirmed(campaign: Campaign) -> None:
    campaign.draft("ends", valid_until=date(2030, 3, 3))
    with day(-1):
        campaign.publish("ends")
    with day(0):
        campaign.open()
    with day(1):
        campaign.save("one", answer="新的。")
        campaign.publish("one")
        with pytest.raises(ConflictError, match="新版本"):
            campaign.confirm("one", campaign.zhao)
    with day(5):
        with pytest.raises(ConflictError, match="有效期已经过了"):
            campaign.confirm("ends", campaign.zhao)
        with campaign.database.write() as session:
            other = Round(title="x", note="", scope="", due_on=DUE, opened_at=START, opened_by="x")
            session.add(other)
            session.flush()
            item = lines(session, campaign.look()).rows[0].item_id
            with pytest.raises(NotFoundError):
                rounds.confirm_item(session, campaign.zhao, other, item)


def test_a_merged_department_keeps_its_round(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        entries.create(session, system(), campaign.other, campaign.content(), code="tax")
        entry = entries.entry_coded(session, "tax")
        entries.publish(session, system(), entry, entry.lock_version)
    with day(0):
        assert campaign.open() == 4
    with day(1):
        campaign.confirm("one", campaign.zhao)
        with campaign.database.write() as session:
            seen = department(session, campaign.own).lock_version
            merge_department(session, system(), campaign.own, campaign.other, seen)
        assert campaign.progress() == [("税务局", 1, 4)]
        campaign.confirm("two", campaign.qian)
        assert campaign.close(campaign.zhou) == 2
    assert campaign.progress() == [("税务局", 2, 4)]


def test_a_round_covers_what_lies_below_and_nothing_else(campaign: Campaign) -> None:
    with campaign.database.write() as session:
        office = add_department(session, code="aged", name="老龄办")
        office.parent_id = campaign.own
        session.flush()
        entries.create(session, system(), office.id, campaign.content(), code="aged")
        entry = entries.entry_coded(session, "aged")
        entries.publish(session, system(), entry, entry.lock_version)
    with day(0):
        assert campaign.open(department_ids=frozenset({campaign.own})) == 4
        assert campaign.look().scope == "民政局"
        with pytest.raises(ContentError, match="正在进行"):
            campaign.open()
        assert campaign.open(title="按分类", category_id=campaign.inner) == 4
        with pytest.raises(ContentError, match="没有在服务"):
            campaign.open(title="税务", department_ids=frozenset({campaign.other}))
        reach = Reach(Role.MANAGER, frozenset({campaign.own}))
        bound = Actor(9, "吴管理", campaign.own, reaches=(reach,))
        assert campaign.open(bound, title="本局") == 3


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 65}, "title"),
        ({"title": "两\n行"}, "title"),
        ({"note": "长" * 501}, "note"),
        ({"due_on": None}, "due_on"),
        ({"due_on": date(2030, 2, 28)}, "due_on"),
        ({"due_on": date(2099, 1, 1)}, "due_on"),
        ({"department_ids": frozenset({99})}, "departments"),
        ({"category_id": 99}, "category"),
    ],
)
def test_a_bad_plan_is_told_by_its_field(
    campaign: Campaign, plan: dict[str, Any], field: str
) -> None:
    with day(0), pytest.raises(ContentError) as told:
        campaign.open(**plan)
    assert set(told.value.problems) == {field}


def test_marks_are_for_those_who_write_the_entry(campaign: Campaign) -> None:
    from knowledge.rereviews.service import Marked, mark

    with campaign.database.read() as session:
        ids = [entries.entry_coded(session, code).id for code in ("one", "never-published")]
    with day(0):
        assert campaign.do(mark, campaign.li, ids, "依据废止") == Marked(refused=2)
        assert campaign.do(mark, campaign.wang, [*ids, 999], "依据废止") == Marked(1, gone=2)
        assert campaign.do(mark, campaign.zhou, ids, "依据废止") == Marked(known=1, gone=1)
        for reason in ("", "长" * 201):
            with pytest.raises(ContentError):
                campaign.do(mark, campaign.wang, ids, reason)
    with campaign.database.read() as session:
        assert marked(session, ids) == {ids[0]}
    assert campaign.served("one") is not None  # a mark takes nothing out of service
    with day(1):
        campaign.save("one", answer="改了。")
        assert campaign.reasons("one") == ["依据废止"]
        campaign.publish("one")
    assert campaign.reasons("one") == []
