"""Lists of corrections: what waits, what was decided, which entries are being looked into."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from knowledge import clock
from knowledge.audit.service import record
from knowledge.corrections.models import Correction
from knowledge.corrections.wording import State
from knowledge.departments.models import Department
from knowledge.departments.service import departments
from knowledge.entries.models import Entry
from knowledge.paging import Page, existing
from knowledge.people.actor import Actor, Right, system
from knowledge.people.reach import departments_of
from knowledge.rereviews.service import marked

SIZE = 50
PORTION = 500


class Whose(StrEnum):
    """Which corrections are listed."""

    TO_DECIDE = "to_decide"
    ESCALATED = "escalated"
    REPORTED = "reported"


@dataclass(frozen=True)
class Wanted:
    """What is listed: whose, and the open ones or those decided."""

    whose: Whose = Whose.TO_DECIDE
    decided: bool = False


def corrections(
    session: Session, actor: Actor, wanted: Wanted, number: int = 1, size: int = SIZE
) -> Page[Correction]:
    """Return page `number`: open ones by deadline, decided ones newest first."""
    query = select(Correction).join(Correction.entry)
    if wanted.whose is not Whose.REPORTED or wanted.decided:
        decided = Correction.state != State.OPEN
        query = query.where(decided if wanted.decided else ~decided)
    query = _of(session, query, actor, wanted.whose)
    counted = query.with_only_columns(func.count(Correction.id))
    total = session.scalar(counted) or 0
    number = existing(number, total, size)
    order = (
        (Correction.id.desc(),)
        if wanted.decided or wanted.whose is Whose.REPORTED
        else (Correction.due_at, Correction.id)
    )
    rows = session.scalars(
        query.order_by(*order)
        .options(
            joinedload(Correction.version),
            contains_eager(Correction.entry).joinedload(Entry.department),
        )
        .limit(size)
        .offset((number - 1) * size)
    ).all()
    return Page(rows, total, number, size)


def waiting(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many corrections this person can decide and nobody has; how many are late."""
    late = func.count(case((Correction.due_at < clock.now(), 1)))
    query: Any = select(func.count(), late).select_from(Correction)
    query = query.join(Correction.entry).where(Correction.state == State.OPEN)
    open_, overdue = session.execute(_of(session, query, actor, Whose.TO_DECIDE)).one()
    return open_, overdue


def open_on(session: Session, entry_id: int) -> Sequence[Correction]:
    """Return the open corrections of an entry, the most urgent first."""
    return session.scalars(
        select(Correction)
        .where(Correction.entry_id == entry_id, Correction.state == State.OPEN)
        .order_by(Correction.due_at, Correction.id)
    ).all()


def on_entry(session: Session, entry_id: int, limit: int = 50) -> Sequence[Correction]:
    """Return the newest corrections of an entry, newest first."""
    return session.scalars(
        select(Correction)
        .where(Correction.entry_id == entry_id)
        .order_by(Correction.id.desc())
        .limit(limit)
    ).all()


def under_review(session: Session, entry_ids: Collection[int]) -> set[int]:
    """Return those of the entries with an open correction, or marked for re-review."""
    found: set[int] = set()
    wanted = list(entry_ids)
    for start in range(0, len(wanted), PORTION):
        query = select(Correction.entry_id).where(
            Correction.state == State.OPEN,
            Correction.entry_id.in_(wanted[start : start + PORTION]),
        )
        found |= set(session.scalars(query))
    return found | marked(session, wanted)


def escalate(session: Session) -> int:
    """Hand open corrections that are late to the department above, or else to the hotline.

    Each is escalated once, by whichever process comes first; returns how many.
    """
    instant = clock.now()
    late = session.execute(
        update(Correction)
        .where(
            Correction.state == State.OPEN,
            Correction.due_at < instant,
            Correction.escalated_at.is_(None),
        )
        .values(escalated_at=instant)
        .returning(Correction.id, Correction.entry_id)
        .execution_options(synchronize_session=False)
    ).all()
    for correction_id, entry_id in late:
        owner = select(Entry.department_id).where(Entry.id == entry_id).scalar_subquery()
        parent = select(Department.parent_id).where(Department.id == owner).scalar_subquery()
        above = session.scalar(select(Department.name).where(Department.id == parent))
        after = {"department": above or "12345 热线"}
        subject = f"correction:{correction_id}"
        record(session, system(), "correction_escalated", subject, after=after)
    return len(late)


def late_ones(session: Session) -> bool:
    """Tell whether there is something to escalate; costs a look at an index."""
    query = select(Correction.id).where(
        Correction.state == State.OPEN,
        Correction.due_at < clock.now(),
        Correction.escalated_at.is_(None),
    )
    return session.scalars(query.limit(1)).first() is not None


def _of(session: Session, query: Select[Any], actor: Actor, whose: Whose) -> Select[Any]:
    if whose is Whose.REPORTED:
        return query.where(Correction.reporter_id == (actor.user_id or 0))
    if whose is Whose.TO_DECIDE:
        own = departments_of(actor, Right.EDIT_ENTRIES)
        return query if own is None else query.where(Entry.department_id.in_(own))
    all_of_them = departments(session)
    editable = {one.id for one in all_of_them if actor.may(Right.EDIT_ENTRIES, one.id)}
    below = {one.id for one in all_of_them if one.parent_id in editable}
    if len(editable) == len(all_of_them):  # the hotline's manager sees every late one
        return query.where(Correction.escalated_at.is_not(None))
    return query.where(
        Correction.escalated_at.is_not(None),
        or_(Entry.department_id.in_(below), Entry.department_id.in_(editable)),
    )
