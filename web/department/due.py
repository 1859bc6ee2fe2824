"""What pages ask about what falls due: counts for the rail and above the tasks."""

from typing import Any

from flask import Blueprint
from flask_login import current_user

from knowledge.people.actor import Right
from knowledge.reminders.due import DueCounts, due_counts
from knowledge.rereviews.service import marked
from knowledge.review.periods import DUE_NAMES, periods
from web.access import actor
from web.services import services

blueprint = Blueprint("due", __name__)


@blueprint.app_context_processor
def _on_every_page() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {}
    return {
        "due_counts": counts,
        "due_names": DUE_NAMES,
        "entries_marked": entries_marked,
    }


def counts() -> DueCounts:
    """Return what falls due for the person."""
    with services().database.read() as session:
        kept = periods(session, services().settings.entry_review_days)
        return due_counts(session, actor(), kept)


def entries_marked(entry_ids: list[int]) -> set[int]:
    """Return those of the entries that are marked and whose department the person works for."""
    if not actor().may(Right.EDIT_ENTRIES):
        return set()
    with services().database.read() as session:
        return marked(session, entry_ids)
