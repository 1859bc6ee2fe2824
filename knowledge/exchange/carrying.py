"""Writes what an import prepared, in the caller's transaction, in few statements."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record_plain
from knowledge.database.bulk import amend, lay_down, rewrite
from knowledge.entries.batch import Rewording, feature_all, publish_all, save_all
from knowledge.entries.models import Entry, EntryVersion, VersionNote
from knowledge.errors import ConflictError
from knowledge.exchange.plan import Step
from knowledge.exchange.preparing import Fresh, Work
from knowledge.feed.service import record_changes
from knowledge.people.actor import Actor
from knowledge.review.many import submit_all

PORTION = 1000
OF_ENTRY = ("featured", "updated_at", "withdrawn_at", "archived_at", "reviewed_at")

Progress = Callable[[int, int], None]


def carry_out(
    session: Session, actor: Actor, work: Work, total: int, progress: Progress | None = None
) -> None:
    """Write all of it.

    Raises:
        ConflictError: somebody changed one of the entries since they were read.
        NotAllowedError, ContentError: as the steps in the life of an entry.
    """
    done = 0
    for write, every in ((_add, work.fresh), (_revise, work.revised)):
        for start in range(0, len(every), PORTION):
            portion = every[start : start + PORTION]
            write(session, portion)
            _note(session, actor, portion)
            done += len(portion)
            _tell(progress, done, total)
    session.add_all(work.held.values())
    for start in range(0, len(work.others), PORTION):
        _change(session, actor, work, work.others[start : start + PORTION])
    _tell(progress, total, total)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _add(session: Session, fresh: Sequence[Fresh]) -> None:
    lay_down(session, [one.entry for one in fresh])
    for one in fresh:
        one.version.entry_id = one.entry.id
    lay_down(session, [one.version for one in fresh])
    amend(session, Entry, [{"id": one.entry.id, **_versions_of(one)} for one in fresh])


def _revise(session: Session, revised: Sequence[Fresh]) -> None:
    """Write versions of entries that are there; whoever changed one meanwhile is noticed."""
    _require_unchanged(session, revised)
    rewrite(session, [one.version for one in revised if one.rewritten])
    lay_down(session, [one.version for one in revised if not one.rewritten])
    retired = [
        {"id": one.retires, "retired_at": one.version.published_at}
        for one in revised
        if one.retires is not None
    ]
    amend(session, EntryVersion, retired)
    amend(session, Entry, [_entry_of(one) for one in revised])


def _entry_of(one: Fresh) -> dict[str, Any]:
    entry = one.entry
    named = {name: getattr(entry, name) for name in OF_ENTRY}
    changes = {"lock_version": entry.lock_version + 1}  # as read: they were required unchanged
    return {"id": entry.id, **_versions_of(one), **named, **changes}


def _versions_of(one: Fresh) -> dict[str, int | None]:
    version, published = one.version.id, one.entry.published_version_id
    return {
        "draft_version_id": None if one.served else version,
        "published_version_id": version if one.served else published,
    }


def _require_unchanged(session: Session, revised: Sequence[Fresh]) -> None:
    """Lock the entries (a database with row locks does), and compare with what was read."""
    ids = [one.entry.id for one in revised]
    query = select(Entry.id, Entry.lock_version).where(Entry.id.in_(ids)).with_for_update()
    seen = dict(session.execute(query).all())
    if seen != {one.entry.id: one.entry.lock_version for one in revised}:
        raise ConflictError("导入的同时，有条目被别人修改了")


def _note(session: Session, actor: Actor, written: Sequence[Fresh]) -> None:
    """Tell the trail of the versions, the audit log and the change feed."""
    lay_down(session, [_submission(actor, one.version) for one in written if one.submitted])
    for one in written:
        for action, before, after in one.events:
            subject = f"entry:{one.entry.id}"
            record_plain(session, actor, action, subject, before=before, after=after)
    served = [one.entry.id for one in written if one.served]
    if served:
        record_changes(session, served)


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
