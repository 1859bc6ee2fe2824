"""Mark entries for re-review in one step; what is marked, until somebody looked at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.entries.models import Entry
from knowledge.entries.service import reason_given
from knowledge.people.actor import Actor, Right
from knowledge.rereviews.models import Rereview

PORTION = 500


@dataclass(frozen=True)
class Marked:
    """What came of marking: entries marked, marked before with this reason, and left alone.

    `refused` belong to others, `gone` are not in service (any more).
    """

    marked: int = 0
    known: int = 0
    refused: int = 0
    gone: int = 0


def standing() -> ColumnElement[bool]:
    """Return the condition, on a join with `Entry`, under which a mark still counts.

    It is over once another version serves, none does, or somebody confirmed this one.
    """
    unconfirmed = or_(Entry.reviewed_at.is_(None), Entry.reviewed_at <= Rereview.marked_at)
    return and_(Entry.published_version_id == Rereview.version_id, unconfirmed)


def mark(session: Session, actor: Actor, entry_ids: Collection[int], reason: str) -> Marked:
    """Mark those of the entries that the actor may and that are in service.

    Raises:
        ContentError: no reason, or a long one.
    """
    reason = reason_given(reason, "待复核的")
    done, known, refused, gone = 0, 0, 0, 0
    wanted = sorted(set(entry_ids))
    for start in range(0, len(wanted), PORTION):
        portion = wanted[start : start + PORTION]
        found = session.scalars(
            select(Entry).where(Entry.id.in_(portion)).order_by(Entry.id).with_for_update()
        ).all()
        same = _marked_for(session, portion, reason)
        gone += len(portion) - len(found)
        for entry in found:
            if not may_mark(actor, entry):
                refused += 1
            elif entry.published_version_id is None:
                gone += 1
            elif entry.id in same:
                known += 1
            else:
                _mark(session, actor, entry, reason)
                done += 1
    session.flush()
    return Marked(done, known, refused, gone)


def may_mark(actor: Actor, entry: Entry) -> bool:
    """Tell whether the actor writes this entry."""
    shown = entry.published or entry.draft
    category = shown.category_id if shown else None
    return actor.may(Right.EDIT_ENTRIES, entry.department_id, category)


def marked(session: Session, entry_ids: Collection[int]) -> set[int]:
    """Return those of the entries that are marked."""
    found: set[int] = set()
    wanted = list(entry_ids)
    for start in range(0, len(wanted), PORTION):
        query = select(Rereview.entry_id).join(Rereview.entry).where(standing())
        query = query.where(Rereview.entry_id.in_(wanted[start : start + PORTION]))
        found |= set(session.scalars(query))
    return found


def marks_on(session: Session, entry_id: int) -> Sequence[Rereview]:
    """Return why an entry is to be looked at again, the newest first."""
    return session.scalars(
        select(Rereview)
        .join(Rereview.entry)
        .where(standing(), Rereview.entry_id == entry_id)
        .order_by(Rereview.id.desc())
    ).all()


def _marked_for(session: Session, entry_ids: Sequence[int], reason: str) -> set[int]:
    query = select(Rereview.entry_id).join(Rereview.entry).where(standing())
    return set(
        session.scalars(query.where(Rereview.entry_id.in_(entry_ids), Rereview.reason == reason))
    )


def _mark(session: Session, actor: Actor, entry: Entry, reason: str) -> None:
    """Note why; a machine whose clock is behind must not make a mark that is over already."""
    instant = clock.now()
    session.add(
        Rereview(
            entry_id=entry.id,
            version_id=entry.published_version_id,
            reason=reason,
            marked_at=max(instant, entry.reviewed_at or instant),
            marked_by=actor.name,
        )
    )
    record(session, actor, "entry_marked", f"entry:{entry.id}", after={"reason": reason})
