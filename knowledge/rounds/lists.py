"""Rounds listed; their progress by department; their lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, joinedload

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.models import Entry, EntryVersion
from knowledge.paging import Page, existing
from knowledge.rounds.models import Round, RoundItem
from knowledge.rounds.outcome import DONE, Outcome, outcome_of, owner_of

SIZE = 50


@dataclass(frozen=True)
class Progress:
    """How far a department is; `total` counts all outcomes."""

    department_id: int
    department: str
    counts: dict[Outcome, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many entries it has in the round."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many of them are dealt with."""
        return sum(self.counts.get(one, 0) for one in DONE)

    @property
    def left(self) -> int:
        """How many are still to be looked at."""
        return self.counts.get(Outcome.LEFT, 0)

    @property
    def percent(self) -> int:
        """The share that is done, rounded down: 100 only when all is."""
        return 100 * self.done // self.total if self.total else 100


@dataclass(frozen=True)
class Line:
    """An entry of a round, what it said at the opening, and what became of it.

    `expired` tells that the version's validity is over: it cannot be confirmed as it is.
    """

    item_id: int
    entry: Entry
    version: EntryVersion
    department: str
    outcome: Outcome
    expired: bool


def rounds(session: Session, number: int = 1, size: int = SIZE) -> Page[Round]:
    """Return page `number` of the rounds: the open ones by date, then the closed, newest first."""
    total = session.scalar(select(func.count()).select_from(Round)) or 0
    number = existing(number, total, size)
    query = select(Round).order_by(
        Round.closed_at.is_not(None), Round.closed_at.desc(), Round.due_on, Round.id
    )
    return Page(
        session.scalars(query.limit(size).offset((number - 1) * size)).all(), total, number, size
    )


def open_rounds(session: Session) -> Sequence[Round]:
    """Return the rounds that are not closed, the most urgent first."""
    return session.scalars(
        select(Round).where(Round.closed_at.is_(None)).order_by(Round.due_on, Round.id)
    ).all()


def board(session: Session, one: Round) -> list[Progress]:
    """Return the progress of each department, by its place in the tree of names."""
    became = outcome_of(one).label("became")
    rows = session.execute(
        _items(select(Department.id, Department.name, became, func.count()), one)
        # by name: PostgreSQL does not know two expressions with parameters for the same
        .group_by(Department.id, Department.name, Department.position, "became")
        .order_by(Department.position, Department.id)
    )
    found: dict[int, Progress] = {}
    for department_id, name, what, count in rows:
        at = found.setdefault(department_id, Progress(department_id, name))
        at.counts[Outcome(what)] = count
    return list(found.values())


def whole(parts: Sequence[Progress]) -> Progress:
    """Return the progress of all departments together."""
    counts: dict[Outcome, int] = {}
    for part in parts:
        for what, count in part.counts.items():
            counts[what] = counts.get(what, 0) + count
    return Progress(0, "合计", counts)


def left_of(session: Session, one: Round, department_ids: Collection[int]) -> int:
    """Return how many entries of these departments are still to be looked at."""
    query = _items(select(func.count()), one).where(
        Department.id.in_(department_ids), outcome_of(one) == Outcome.LEFT.value
    )
    return session.scalar(query) or 0


def is_late(one: Round) -> bool:
    """Tell whether a round is open past its last day."""
    return one.closed_at is None and one.due_on < clock.today()


def lines(
    session: Session,
    one: Round,
    department_ids: Collection[int] | None = None,
    outcome: Outcome | None = None,
    number: int = 1,
    size: int = SIZE,
) -> Page[Line]:
    """Return page `number` of a round's lines; None stands for all departments, all outcomes."""
    what = outcome_of(one)
    query = _items(select(RoundItem, Department.name, what), one)
    if department_ids is not None:
        query = query.where(Department.id.in_(department_ids))
    if outcome is not None:
        query = query.where(what == outcome.value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = existing(number, total, size)
    rows = session.execute(
        query.options(joinedload(RoundItem.entry), joinedload(RoundItem.version))
        .order_by(Department.position, Department.id, RoundItem.id)
        .limit(size)
        .offset((number - 1) * size)
    ).all()
    today = clock.today()
    return Page([_line(row, today) for row in rows], total, number, size)


def _line(row: Row[RoundItem, str, str], today: date) -> Line:
    item, department, what = row
    until = item.version.valid_until
    expired = until is not None and until < today
    return Line(item.id, item.entry, item.version, department, Outcome(what), expired)


def _items(query: Select, one: Round) -> Select:  # type: ignore[type-arg]
    return (
        query.select_from(RoundItem)
        .join(Entry, Entry.id == RoundItem.entry_id)
        .join(Department, owner_of(one))
        .where(RoundItem.round_id == one.id)
    )
