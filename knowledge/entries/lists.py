"""Lists of entries for staff: filter, count, page."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.lifecycle import Step
from knowledge.entries.models import Entry, EntryVersion, Phrasing
from knowledge.entries.pending import step_of
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


@dataclass(frozen=True)
class Filter:
    """Which entries to list; an empty field filters nothing, but archived ones are left out.

    `review_before`: only those in service that nobody confirmed since this instant;
    `only`: a further condition on the entry and its published version (`PUBLISHED`).
    """

    text: str = ""
    department_id: int | None = None
    category_id: int | None = None
    state: State | None = None
    step: Step | None = None
    review_before: datetime | None = None
    only: ColumnElement[bool] | None = None


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    entry_id: int
    code: str
    question: str
    department: str
    department_id: int
    category_id: int
    state: State
    step: Step | None
    valid_until: date | None
    updated_at: datetime


_published = aliased(EntryVersion)
_draft = aliased(EntryVersion)
PUBLISHED = _published


def entries(session: Session, wanted: Filter, number: int = 1, size: int = 50) -> Page[Row]:
    """Return page `number` (from 1) of the entries that `wanted` describes, newest first."""
    query = _filtered(wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = existing(number, total, size)
    rows = session.execute(
        query.order_by(Entry.updated_at.desc(), Entry.id.desc())
        .limit(size)
        .offset((number - 1) * size)
    ).all()
    return Page(
        rows=[
            _row(entry, published, draft, department)
            for entry, published, draft, department in rows
        ],
        total=total,
        number=number,
        size=size,
    )


def matching(session: Session, wanted: Filter, most: int) -> list[int]:
    """Return the ids of the entries that `wanted` describes, oldest first, `most` at most."""
    query = _filtered(wanted).with_only_columns(Entry.id).order_by(Entry.id)
    return list(session.scalars(query.limit(most)))


def state_of(
    published: EntryVersion | None,
    draft: EntryVersion | None,
    withdrawn: bool,
    archived: bool = False,
) -> State:
    """Return where an entry stands today."""
    if archived:
        return State.ARCHIVED
    if published is None:
        return State.WITHDRAWN if withdrawn else State.DRAFT
    day = clock.today()
    if published.valid_until is not None and published.valid_until < day:
        return State.EXPIRED
    if published.valid_from is not None and published.valid_from > day:
        return State.UPCOMING
    return State.CHANGED if draft is not None else State.LIVE


def _filtered(wanted: Filter) -> Select[Entry, EntryVersion, EntryVersion, str]:
    query = (
        select(Entry, _published, _draft, Department.name)
        .join(Department, Department.id == Entry.department_id)
        .outerjoin(_published, _published.id == Entry.published_version_id)
        .outerjoin(_draft, _draft.id == Entry.draft_version_id)
    )
    if wanted.department_id is not None:
        query = query.where(Entry.department_id.in_(_standing(wanted.department_id)))
    if wanted.category_id is not None:
        query = query.where(
            func.coalesce(_draft.category_id, _published.category_id, 0) == wanted.category_id
        )
    if wanted.state is not State.ARCHIVED:
        query = query.where(Entry.archived_at.is_(None))
    if wanted.state is not None:
        query = query.where(_state_condition(wanted.state))
    if wanted.step is not None:
        query = query.where(_draft.step == wanted.step.value)
    if wanted.review_before is not None:
        query = query.where(
            Entry.published_version_id.is_not(None), Entry.reviewed_at < wanted.review_before
        )
    if wanted.only is not None:
        query = query.where(wanted.only)
    for word in wanted.text.split()[:8]:
        query = query.where(_mentions(word))
    return query


def _standing(department_id: int) -> Select[int]:
    """The department, or the one into which it was merged: old links lead there."""
    return select(func.coalesce(Department.merged_into_id, Department.id)).where(
        Department.id == department_id
    )


def _mentions(word: str) -> ColumnElement[bool]:
    """The word stands in the question, a phrasing, the answer, the basis or the code."""
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    phrased = select(Phrasing.version_id).where(Phrasing.text.ilike(pattern, escape="\\"))
    columns = [
        column.ilike(pattern, escape="\\")
        for version in (_published, _draft)
        for column in (version.standard_question, version.answer, version.legal_basis)
    ]
    return or_(
        Entry.code == word,
        Entry.published_version_id.in_(phrased),
        Entry.draft_version_id.in_(phrased),
        *columns,
    )


def _state_condition(state: State) -> ColumnElement[bool]:
    day = clock.today()
    served = Entry.published_version_id.is_not(None)
    expired = and_(_published.valid_until.is_not(None), _published.valid_until < day)
    upcoming = and_(_published.valid_from.is_not(None), _published.valid_from > day)
    current = and_(
        served,
        or_(_published.valid_until.is_(None), _published.valid_until >= day),
        or_(_published.valid_from.is_(None), _published.valid_from <= day),
    )
    drafted = Entry.draft_version_id.is_not(None)
    withdrawn = Entry.withdrawn_at.is_not(None)
    return {
        State.LIVE: and_(current, ~drafted),
        State.CHANGED: and_(current, drafted),
        State.DRAFT: and_(~served, ~withdrawn),
        State.WITHDRAWN: and_(~served, withdrawn),
        State.EXPIRED: expired,
        State.UPCOMING: and_(upcoming, ~expired),
        State.ARCHIVED: Entry.archived_at.is_not(None),
    }[state]


def _row(
    entry: Entry, published: EntryVersion | None, draft: EntryVersion | None, department: str
) -> Row:
    shown = draft or published
    return Row(
        entry_id=entry.id,
        code=entry.code,
        question=shown.standard_question if shown else "（无内容）",
        department=department,
        department_id=entry.department_id,
        category_id=shown.category_id if shown else 0,
        state=state_of(
            published, draft, entry.withdrawn_at is not None, entry.archived_at is not None
        ),
        step=step_of(draft),
        valid_until=shown.valid_until if shown else None,
        updated_at=entry.updated_at,
    )
