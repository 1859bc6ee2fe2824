"""Lists of gaps for staff, by weight; and one gap with all that is known of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.content import phrasing_key
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.service import manages
from knowledge.gaps.status import Status
from knowledge.paging import Page, existing
from knowledge.people.actor import Actor, Right
from knowledge.people.reach import departments_of

HALF_LIFE_DAYS = 14.0  # a question asked two weeks ago weighs half of one asked today
WEEK = timedelta(days=7)
WEEKS = 8


@dataclass(frozen=True)
class Filter:
    """Which gaps to list; `days` counts only what was asked so lately."""

    text: str = ""
    department_id: int | None = None
    status: Status | None = Status.OPEN
    days: int | None = None


@dataclass(frozen=True)
class Row:
    """One line of the list. `asked` in the period, `week` in the last 7 days, `before` in the
    7 days before those."""

    gap: Gap
    department: str
    assigned: bool
    asked: int
    people: int
    week: int
    before: int
    last_at: datetime
    weight: float


@dataclass(frozen=True)
class Wording:
    """A question of a gap in the same words: how often, when last, how it ended."""

    text: str
    times: int
    last_at: datetime
    reasons: Counter[str]


@dataclass(frozen=True)
class Account:
    """All that was asked in one gap. `weeks`: its Monday and how many, oldest first."""

    asked: int
    people: int
    days: int
    first_at: datetime | None
    last_at: datetime | None
    channels: Counter[str]
    reasons: Counter[str]
    weeks: list[tuple[date, int]]
    wordings: list[Wording]


def gaps(
    session: Session, actor: Actor, wanted: Filter, number: int = 1, size: int = 50
) -> Page[Row]:
    """Return page `number` (from 1) of the gaps that the person sees, the weightiest first."""
    names = dict(session.execute(select(Department.id, Department.name)).all())
    mine = [one for one in names if actor.may(Right.EDIT_ENTRIES, one)]
    instant = clock.now()
    found = [
        (_weight(row.asked, row.last_at, instant), row)
        for row in session.execute(_counted(wanted, None if manages(actor) else mine))
    ]
    found.sort(key=lambda one: (-one[0], one[1].id))
    number = existing(number, len(found), size)
    shown = found[(number - 1) * size : number * size]
    of: dict[int, Gap] = {}
    for start in range(0, len(shown), 500):
        ids = [row.id for _, row in shown[start : start + 500]]
        of |= {gap.id: gap for gap in session.scalars(select(Gap).where(Gap.id.in_(ids)))}
    rows = [_row(of[row.id], row, weight, names) for weight, row in shown]
    return Page(rows, len(found), number, size)


def open_count(session: Session, actor: Actor) -> int:
    """Return how many open gaps the person sees."""
    query = select(func.count()).select_from(Gap).where(Gap.status == Status.OPEN.value)
    if not manages(actor):
        own = [
            d for d in session.scalars(select(Department.id)) if actor.may(Right.EDIT_ENTRIES, d)
        ]
        query = query.where(or_(Gap.department_id.is_(None), Gap.department_id.in_(own)))
    return session.scalar(query) or 0


def waiting(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many open gaps are assigned to the person's departments, and to nobody."""
    own = departments_of(actor, Right.EDIT_ENTRIES)
    mine = Gap.department_id.is_not(None) if own is None else Gap.department_id.in_(own)
    nobodys = Gap.department_id.is_(None)
    query = select(func.count(case((mine, 1))), func.count(case((nobodys, 1))))
    assigned, unassigned = session.execute(query.where(Gap.status == Status.OPEN.value)).one()
    return assigned, unassigned


def account(session: Session, gap_id: int) -> Account:
    """Return what was asked in a gap."""
    rows = session.scalars(
        select(GapQuestion).where(GapQuestion.gap_id == gap_id).order_by(GapQuestion.at)
    ).all()
    days = [clock.local(row.at).date() for row in rows]
    same: dict[str, list[GapQuestion]] = {}
    for row in rows:
        same.setdefault(phrasing_key(row.text), []).append(row)
    wordings = [
        Wording(found[0].text, len(found), found[-1].at, Counter(one.reason for one in found))
        for found in same.values()
    ]
    return Account(
        asked=len(rows),
        people=_people([row.asker for row in rows]),
        days=len(set(days)),
        first_at=rows[0].at if rows else None,
        last_at=rows[-1].at if rows else None,
        channels=Counter(row.channel for row in rows),
        reasons=Counter(row.reason for row in rows),
        weeks=_weeks(days),
        wordings=sorted(wordings, key=lambda one: (-one.times, one.text)),
    )


def _people(askers: list[str | None]) -> int:
    """Who is not known to be somebody else's second question counts as one person."""
    known = [one for one in askers if one is not None]
    return len(set(known)) + len(askers) - len(known)


def _weeks(days: list[date]) -> list[tuple[date, int]]:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    counts = Counter(day - timedelta(days=day.weekday()) for day in days)
    starts = [monday - at * WEEK for at in reversed(range(WEEKS))]
    return [(start, counts[start]) for start in starts]


def _counted(
    wanted: Filter, own: list[int] | None
) -> Select[int, int, int, int, int, int, datetime]:
    instant = clock.now()
    week = GapQuestion.at > instant - WEEK
    before = (GapQuestion.at > instant - 2 * WEEK) & ~week
    unknown = case((GapQuestion.asker.is_(None), 1))
    query = (
        select(
            Gap.id,
            func.count(GapQuestion.id).label("asked"),
            func.count(GapQuestion.asker.distinct()).label("people"),
            func.count(unknown).label("unknown"),
            func.count(case((week, 1))).label("week"),
            func.count(case((before, 1))).label("before"),
            func.max(GapQuestion.at).label("last_at"),
        )
        .join(GapQuestion, GapQuestion.gap_id == Gap.id)
        .group_by(Gap.id)
    )
    if own is not None:
        query = query.where(or_(Gap.department_id.is_(None), Gap.department_id.in_(own)))
    if wanted.status is not None:
        query = query.where(Gap.status == wanted.status.value)
    if wanted.department_id is not None:
        owner = func.coalesce(Gap.department_id, Gap.suggested_department_id)
        query = query.where(owner == wanted.department_id)
    if wanted.days is not None:
        query = query.where(GapQuestion.at > instant - timedelta(days=wanted.days))
    if wanted.text:
        said = select(GapQuestion.gap_id).where(
            GapQuestion.text.icontains(wanted.text, autoescape=True)
        )
        query = query.where(Gap.id.in_(said))
    return query


def _weight(asked: int, last_at: datetime, instant: datetime) -> float:
    age = max(0.0, (instant - last_at).total_seconds() / 86400)
    return float(asked * 0.5 ** (age / HALF_LIFE_DAYS))


def _row(gap: Gap, found: Any, weight: float, names: dict[int, str]) -> Row:
    owner = gap.department_id or gap.suggested_department_id
    return Row(
        gap=gap,
        department=names.get(owner, "") if owner else "",
        assigned=gap.department_id is not None,
        asked=found.asked,
        people=found.people + found.unknown,
        week=found.week,
        before=found.before,
        last_at=found.last_at,
        weight=weight,
    )
