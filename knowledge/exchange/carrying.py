"""Writes what an import prepared, in the caller's transaction, in few statements."""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record_plain
from knowledge.database.base import Base
from knowledge.database.bulk import lay_down
from knowledge.entries.batch import Rewording, feature_all, publish_all, save_all
from knowledge.entries.models import Entry, EntryVersion, VersionNote
from knowledge.exchange.plan import Step
from knowledge.exchange.preparing import Fresh, Work
from knowledge.feed.service import record_changes
from knowledge.people.actor import Actor
from knowledge.review.many import submit_all

PORTION = 1000

Progress = Callable[[int, int], None]


def carry_out(
    session: Session, actor: Actor, work: Work, total: int, progress: Progress | None = None
) -> None:
    """Write all of it.

    Raises:
        ConflictError: somebody changed one of the entries since they were read.
        NotAllowedError, ContentError: as the steps in the life of an entry.
    """
    for start in range(0, len(work.fresh), PORTION):
        _add(session, actor, work.fresh[start : start + PORTION])
        _tell(progress, start + PORTION, total)
    session.add_all(work.held.values())
    for start in range(0, len(work.changed), PORTION):
        _change(session, actor, work, work.changed[start : start + PORTION])
        _tell(progress, len(work.fresh) + start + PORTION, total)
    _tell(progress, total, total)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(min(done, total), total)


def _add(session: Session, actor: Actor, fresh: Sequence[Fresh]) -> None:
    lay_down(session, [one.entry for one in fresh])
    for one in fresh:
        one.version.entry_id = one.entry.id
    lay_down(session, [one.version for one in fresh])
    _link(session, "published_version_id", [one for one in fresh if one.served])
    _link(session, "draft_version_id", [one for one in fresh if not one.served])
    notes = [_submission(actor, one.version) for one in fresh if one.submitted]
    lay_down(session, notes)
    for one in fresh:
        for action, after in one.events:
            record_plain(session, actor, action, f"entry:{one.entry.id}", after)
    served = [one.entry.id for one in fresh if one.served]
    if served:
        record_changes(session, served)


def _link(session: Session, column: str, fresh: Sequence[Fresh]) -> None:
    if fresh:
        table = Base.metadata.tables[Entry.__tablename__]
        statement = update(table).where(table.c.id == bindparam("entry"))
        session.execute(
            statement.values({column: bindparam("version")}),
            [{"entry": one.entry.id, "version": one.version.id} for one in fresh],
        )


def _submission(actor: Actor, version: EntryVersion) -> VersionNote:
    return VersionNote(
        version_id=version.id,
        kind="submitted",
        at=clock.now(),
        actor_id=actor.user_id,
        actor_name=actor.name,
        text="",
    )


def _change(session: Session, actor: Actor, work: Work, steps: Sequence[Step]) -> None:
    touched = [work.held[step.entry_id] for step in steps if step.entry_id is not None]
    pairs = list(zip(steps, touched, strict=True))
    feature_all(
        session,
        actor,
        [(entry, step.featured) for step, entry in pairs if step.featured is not None],
    )
    save_all(
        session, actor, [Rewording(entry, step.content) for step, entry in pairs if step.saves]
    )
    wanted = [entry for step, entry in pairs if step.publishes]
    if wanted and actor.is_system:
        publish_all(session, actor, wanted)
    elif wanted and work.due is not None:
        submit_all(session, actor, wanted, work.due)
