"""Lists of entries for staff: filter, count, sort, page; all from `entry_listing`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.lifecycle import Step
from knowledge.entries.looking import mentioning
from knowledge.entries.models import Entry, EntryListing, EntryVersion
from knowledge.paging import Page, existing


class State(StrEnum):
    """Where an entry stands, as staff see it."""

    LIVE = "live"
    CHANGED = "changed"  # in service, with a draft that waits
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UPCOMING = "upcoming"
    ARCHIVED = "archived"


STATE_NAMES = {
    State.LIVE: "已发布",
    State.CHANGED: "已发布，有修改",
    State.DRAFT: "草稿",
    State.WITHDRAWN: "已下架",
    State.EXPIRED: "已过期",
    State.UPCOMING: "未到生效日",
    State.ARCHIVED: "已归档",
}


class Sort(StrEnum):
    """By what a list is sorted."""

    UPDATED = "updated"
    QUESTION = "question"
    DEPARTMENT = "department"
    UNTIL = "until"


@dataclass(frozen=True)
class Filter:
    """Which entries to list; an empty field filters nothing, but archived ones are left out.

    `only`: a further condition on `Entry` and its published version (`PUBLISHED`).
    """

    text: str = ""
    department_id: int | None = None
    category_id: int | None = None
    state: State | None = None
    step: Step | None = None
    only: ColumnElement[bool] | None = None


@dataclass(frozen=True)
class Order:
    """How a list is sorted: the latest change first, unless asked otherwise."""

    by: Sort = Sort.UPDATED
    down: bool = True


@dataclass(frozen=True)
class Row:
    """One line of a list. `holder` wrote or submitted the version of `step`."""

    entry_id: int
    code: str
    question: str
    department: str
    department_id: int
    category_id: int
    state: State
    step: Step | None
    holder: str
    valid_until: date | None
    updated_at: datetime


PUBLISHED = EntryVersion  # what `Filter.only` may speak of, besides `Entry`


def entries(
    session: Session,
    wanted: Filter,
    number: int = 1,
    size: int = 50,
    order: Order | None = None,
) -> Page[Row]:
    """Return page `number` (from 1) of the entries that `wanted` describes."""
    total = count(session, wanted)
    number = existing(number, total, size)
    query = _narrowed(session, select(*EntryListing.__table__.c), wanted)
    found = session.execute(
        _sorted(query, order or Order()).limit(size).offset((number - 1) * size)
    ).all()
    ids = {one.department_id for one in found}
    names = dict(
        session.execute(select(Department.id, Department.name).where(Department.id.in_(ids))).all()
    )
    return Page(
        rows=[_row(one, names[one.department_id]) for one in found],
        total=total,
        number=number,
        size=size,
    )


def count(session: Session, wanted: Filter) -> int:
    """Return how many entries `wanted` describes."""
    query = select(func.count()).select_from(EntryListing)
    return session.scalar(_narrowed(session, query, wanted)) or 0


def matching(session: Session, wanted: Filter, most: int) -> list[int]:
    """Return the ids of the entries that `wanted` describes, oldest first, `most` at most."""
    query = _narrowed(session, select(EntryListing.entry_id), wanted)
    return list(session.scalars(query.order_by(EntryListing.entry_id).limit(most)))


def codes(session: Session, wanted: Filter, most: int, order: Order | None = None) -> Sequence[str]:
    """Return the codes of the first `most` entries that `wanted` describes."""
    query = _narrowed(session, select(EntryListing.code), wanted)
    return session.scalars(_sorted(query, order or Order()).limit(most)).all()


def state_of(
    published: EntryVersion | None,
    draft: EntryVersion | None,
    withdrawn: bool,
    archived: bool = False,
) -> State:
    """Return where an entry stands today."""
    validity = (published.valid_from, published.valid_until) if published else None
    return _state(validity, draft is not None, withdrawn, archived)


def _state(
    validity: tuple[date | None, date | None] | None, drafted: bool, withdrawn: bool, archived: bool
) -> State:
    """`validity` is that of the version in service, None where there is none."""
    if archived:
        return State.ARCHIVED
    if validity is None:
        return State.WITHDRAWN if withdrawn else State.DRAFT
    day, (start, end) = clock.today(), validity
    if end is not None and end < day:
        return State.EXPIRED
    if start is not None and start > day:
        return State.UPCOMING
    return State.CHANGED if drafted else State.LIVE


def _sorted(query: Select[Any], order: Order) -> Select[Any]:
    if order.by is Sort.DEPARTMENT:
        query = query.join(Department, Department.id == EntryListing.department_id)
    columns: dict[Sort, list[Any]] = {
        Sort.UPDATED: [EntryListing.updated_at, EntryListing.entry_id],
        Sort.QUESTION: [EntryListing.question, EntryListing.entry_id],
        Sort.DEPARTMENT: [
            Department.position,
            Department.name,
            EntryListing.updated_at,
            EntryListing.entry_id,
        ],
        Sort.UNTIL: [EntryListing.shown_until, EntryListing.entry_id],
    }
    by = columns[order.by]
    if order.by is Sort.UNTIL:  # without an end is later than any day
        by = [EntryListing.shown_until.is_(None), *by]
    return query.order_by(*(one.desc() if order.down else one.asc() for one in by))


def _narrowed(session: Session, query: Select[Any], wanted: Filter) -> Select[Any]:
    query = query.where(*_conditions(session, wanted))
    return mentioning(session, query, wanted.text) if wanted.text else query


def _conditions(session: Session, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    yield EntryListing.archived.is_(wanted.state is State.ARCHIVED)
    if wanted.department_id is not None:
        yield EntryListing.department_id == _standing(session, wanted.department_id)
    if wanted.category_id is not None:
        yield EntryListing.category_id == wanted.category_id
    if wanted.state is not None:
        yield _state_condition(wanted.state)
    if wanted.step is not None:
        yield EntryListing.step == wanted.step.value
    if wanted.only is not None:
        served = select(Entry.id).join(PUBLISHED, PUBLISHED.id == Entry.published_version_id)
        yield EntryListing.entry_id.in_(served.where(wanted.only))


def _standing(session: Session, department_id: int) -> int:
    """The department, or the one into which it was merged: old links lead there."""
    into = select(Department.merged_into_id).where(Department.id == department_id)
    return session.scalar(into) or department_id


def _state_condition(state: State) -> ColumnElement[bool]:
    day = clock.today()
    listing = EntryListing
    served, withdrawn = listing.served.is_(True), listing.withdrawn.is_(True)
    expired = and_(listing.valid_until.is_not(None), listing.valid_until < day)
    upcoming = and_(listing.valid_from.is_not(None), listing.valid_from > day)
    current = and_(
        served,
        or_(listing.valid_until.is_(None), listing.valid_until >= day),
        or_(listing.valid_from.is_(None), listing.valid_from <= day),
    )
    drafted = listing.step.is_not(None)
    return {
        State.LIVE: and_(current, ~drafted),
        State.CHANGED: and_(current, drafted),
        State.DRAFT: and_(~served, ~withdrawn),
        State.WITHDRAWN: and_(~served, withdrawn),
        State.EXPIRED: and_(served, expired),
        State.UPCOMING: and_(served, upcoming, ~expired),
        State.ARCHIVED: listing.archived.is_(True),
    }[state]


def _row(one: Any, department: str) -> Row:
    validity = (one.valid_from, one.valid_until) if one.served else None
    return Row(
        entry_id=one.entry_id,
        code=one.code,
        question=one.question,
        department=department,
        department_id=one.department_id,
        category_id=one.category_id or 0,
        state=_state(validity, one.step is not None, one.withdrawn, one.archived),
        step=Step(one.step) if one.step else None,
        holder=one.holder,
        valid_until=one.shown_until,
        updated_at=one.updated_at,
    )
