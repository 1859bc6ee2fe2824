"""What became of an entry in a round: read from the entry while the round is open."""

from enum import StrEnum

from sqlalchemy import ColumnElement, case, func

from knowledge.departments.models import Department
from knowledge.entries.models import Entry
from knowledge.rounds.models import Round, RoundItem


class Outcome(StrEnum):
    """What was done about an entry of a round."""

    LEFT = "left"
    CONFIRMED = "confirmed"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"


OUTCOME_NAMES = {
    Outcome.LEFT: "待梳理",
    Outcome.CONFIRMED: "仍然有效",
    Outcome.EDITED: "已改好发布",
    Outcome.WITHDRAWN: "已下架",
}
DONE = (Outcome.CONFIRMED, Outcome.EDITED, Outcome.WITHDRAWN)


def outcome_of(one: Round) -> ColumnElement[str]:
    """Return the outcome of an item, on a join of `RoundItem` with `Entry`."""
    if one.closed_at is not None:
        return func.coalesce(RoundItem.outcome, Outcome.LEFT.value)
    return case(
        (Entry.published_version_id.is_(None), Outcome.WITHDRAWN.value),
        (Entry.published_version_id != RoundItem.version_id, Outcome.EDITED.value),
        (Entry.reviewed_at > one.opened_at, Outcome.CONFIRMED.value),
        else_=Outcome.LEFT.value,
    )


def owner_of(one: Round) -> ColumnElement[bool]:
    """Return how an item's department is found: the entry's own, or the one noted at the end."""
    if one.closed_at is not None:
        return Department.id == RoundItem.department_id
    return Department.id == Entry.department_id
