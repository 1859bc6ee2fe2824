"""The office with one entry, `card`, on its way through the review."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from knowledge import clock
from knowledge.audit.service import history
from knowledge.entries import service as entries
from knowledge.entries.content import EntryContent
from knowledge.entries.lifecycle import Step
from knowledge.entries.models import Entry
from knowledge.entries.pending import step_of
from knowledge.people.actor import Actor
from knowledge.review import service as review
from knowledge.review.deadlines import Deadlines
from knowledge.review.tasks import Duty, tasks
from tests.knowledge.office import Office

LIMITS = Deadlines(3, 2)
MORNING = datetime(2030, 3, 1, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai


class Desk(Office):
    """The office, with its people acting on the entry `card`."""

    def do(self, move: Callable[..., Any], actor: Actor, *more: Any, seen: int = 0) -> Any:
        with self.database.write() as session:
            entry = entries.entry_coded(session, "card")
            return move(session, actor, entry, seen or entry.lock_version, *more)

    def rewrite(self, actor: Actor, content: EntryContent, seen: int = 0) -> None:
        with self.database.write() as session:
            entry = entries.entry_coded(session, "card")
            entries.save_draft(session, actor, entry, content, seen or entry.lock_version)

    def submit(self) -> None:
        self.do(review.submit, self.wang, LIMITS)

    def pass_on(self) -> None:
        self.do(review.pass_on, self.zhao, LIMITS)

    def reach_hotline(self) -> None:
        self.submit()
        self.pass_on()

    def schedule(self, at: datetime) -> None:
        self.reach_hotline()
        self.do(review.approve, self.sun, at)

    def look(self) -> Entry:
        with self.database.read() as session:
            entry = entries.entry_coded(session, "card")
            _ = entry.draft, entry.published
            return entry

    def step(self) -> Step | None:
        return step_of(self.look().draft)

    def notice(self) -> str:
        draft = self.look().draft
        return draft.notice if draft else ""

    def duties(self, actor: Actor) -> list[Duty]:
        with self.database.read() as session:
            return [one.duty for one in tasks(session, actor)]

    def audit(self) -> list[str]:
        with self.database.read() as session:
            return [one.action for one in history(session, f"entry:{self.look().id}")]


def at(instant: datetime) -> Any:
    return clock.frozen(lambda: instant)
