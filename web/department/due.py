"""What pages ask about what falls due: counts for the rail and above the tasks."""

from typing import Any

from flask import Blueprint, g
from flask_login import current_user

from knowledge.corrections.lists import waiting
from knowledge.people.actor import Right
from knowledge.reminders.due import DueCounts, due_counts, left
from knowledge.rereviews.service import marked
from knowledge.review.periods import DUE_NAMES, periods
from knowledge.review.tasks import counted, tasks
from web.access import actor
from web.services import services

blueprint = Blueprint("due", __name__)


@blueprint.app_context_processor
def _on_every_page() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {}
    return {
        "rail_counts": rail_counts,
        "due_counts": counts,
        "due_names": DUE_NAMES,
        "entries_marked": entries_marked,
    }


def rail_counts() -> dict[str, tuple[int, str]]:
    """Return the numbers beside places of the rail, and of what; read once in a request."""
    if "rail_counts" not in g:
        found: dict[str, tuple[int, str]] = {}
        if actor().may(Right.EDIT_ENTRIES):
            with services().database.read() as session:
                found["review.waiting"] = counted(tasks(session, actor())), "件等您处理"
                found["rounds.home"] = sum(one[1] for one in left(session, actor())), "条待梳理"
                found["corrections.listed"] = waiting(session, actor()), "条待核实"
        g.rail_counts = found
    counted_once: dict[str, tuple[int, str]] = g.rail_counts
    return counted_once


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
