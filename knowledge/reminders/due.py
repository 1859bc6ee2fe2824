"""What falls due in the departments that a person answers for."""

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.entries.models import Entry, EntryVersion
from knowledge.people.actor import Actor, Right
from knowledge.review.own import answers_for
from knowledge.review.periods import Due, Periods, condition
from knowledge.rounds.lists import is_late, left_of, open_rounds
from knowledge.rounds.models import Round


@dataclass(frozen=True)
class DueCounts:
    """How many entries are past their review-by date, near it, near the end of their validity.

    `rounds`: open ones with something left there, how much, and whether they are late.
    """

    review: int = 0
    soon: int = 0
    ending: int = 0
    rounds: list[tuple[Round, int, bool]] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many lines of rounds are left."""
        return sum(left for _, left, _ in self.rounds)

    @property
    def total(self) -> int:
        """How many things there are to tell."""
        return self.review + self.soon + self.ending + self.left


def due_counts(session: Session, actor: Actor, kept: Periods) -> DueCounts:
    """Return the counts for the departments for which `actor` answers."""
    mine = answers_for(actor)
    if not mine:
        return DueCounts()
    counts = {due: _count(session, actor, mine, kept, due) for due in Due}
    return DueCounts(counts[Due.REVIEW], counts[Due.SOON], counts[Due.ENDING], left(session, actor))


def left(session: Session, actor: Actor) -> list[tuple[Round, int, bool]]:
    """Return the open rounds in which something is left for the person's departments."""
    mine = answers_for(actor)
    found = [(one, left_of(session, one, mine), is_late(one)) for one in open_rounds(session)]
    return [one for one in found if one[1]]


def _count(session: Session, actor: Actor, mine: frozenset[int], kept: Periods, due: Due) -> int:
    """Count by department and category: a grant may be bound to some categories."""
    rows = session.execute(
        select(Entry.department_id, EntryVersion.category_id, func.count())
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .where(Entry.department_id.in_(mine), condition(due, kept, EntryVersion))
        .group_by(Entry.department_id, EntryVersion.category_id)
    )
    return sum(
        count
        for department_id, category_id, count in rows
        if actor.may(Right.EDIT_ENTRIES, department_id, category_id)
    )
