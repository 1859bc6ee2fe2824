"""The versions of an entry: listed, read as of a day, and taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.categories.service import leaf_paths
from knowledge.entries.batch import flush, ready_content
from knowledge.entries.content import window
from knowledge.entries.lifecycle import Move, Step, require
from knowledge.entries.models import Entry, EntryVersion, VersionNote
from knowledge.entries.pending import note, set_aside, sign, standing, step_of, touch
from knowledge.entries.service import require_current
from knowledge.entries.versions import content_of, new_version, newest_numbers
from knowledge.errors import ConflictError, NotFoundError
from knowledge.people.actor import Actor


@dataclass(frozen=True)
class Spell:
    """A version, and from when (inclusive) until when (exclusive) it could be found."""

    version: EntryVersion
    since: datetime
    until: datetime | None


def versions(session: Session, entry: Entry) -> Sequence[EntryVersion]:
    """Return all versions of an entry, newest first."""
    return session.scalars(
        select(EntryVersion)
        .where(EntryVersion.entry_id == entry.id)
        .order_by(EntryVersion.number.desc())
    ).all()


def version_numbered(session: Session, entry: Entry, number: int) -> EntryVersion:
    """Return one version of an entry.

    Raises:
        NotFoundError: there is none of this number.
    """
    found = session.scalar(
        select(EntryVersion).where(EntryVersion.entry_id == entry.id, EntryVersion.number == number)
    )
    if found is None:
        raise NotFoundError(f"这一条没有第 {number} 版")
    return found


def notes_on(session: Session, version: EntryVersion) -> Sequence[VersionNote]:
    """Return the steps of a version on its way and the comments on it, oldest first."""
    return session.scalars(
        select(VersionNote).where(VersionNote.version_id == version.id).order_by(VersionNote.id)
    ).all()


def spells(session: Session, entry: Entry, start: datetime, end: datetime) -> list[Spell]:
    """Return what the entry answered from `start` (inclusive) to `end` (exclusive), in order.

    A version could be found from its publication until the next one or the withdrawal,
    and only within its validity.
    """
    found = []
    for version in reversed(versions(session, entry)):
        spell = _spell(version)
        if spell is not None and spell.since < end and (spell.until is None or spell.until > start):
            found.append(spell)
    return found


def restore(session: Session, actor: Actor, entry: Entry, seen: int, number: int) -> EntryVersion:
    """Let the entry's draft say what an earlier version said.

    A draft that is there is set aside, whole, in the list of versions.

    Raises:
        NotFoundError: there is no such version.
        ContentError: it breaks today's rules (its category is gone).
        ConflictError: changed after `seen`, or the draft is under review.
        NotAllowedError: not this actor's department.
    """
    require_current(entry, seen)
    require(actor, Move.SAVE, standing(entry))
    old = version_numbered(session, entry, number)
    if step_of(entry.draft) not in {None, Step.WRITING, Step.RETURNED}:
        raise ConflictError("有一版正在审核，请先撤回，再恢复旧版本")
    if old is entry.draft:
        raise ConflictError("这一版就是现在的草稿，不用恢复")
    content = ready_content(content_of(old), leaf_paths(session))
    if entry.draft is not None:
        set_aside(entry.draft)
        note(session, actor, entry.draft, "discarded")
    before = {"version": entry.draft.number} if entry.draft else None
    newest = newest_numbers(session, [entry.id])[entry.id]
    draft = new_version(actor, entry.id, newest + 1, content)
    sign(draft, actor)
    entry.draft = draft
    touch(entry)
    flush(session)
    note(session, actor, draft, "restored", f"第 {number} 版")
    after = {"version": draft.number, "restored": number}
    record(session, actor, "version_restored", f"entry:{entry.id}", before=before, after=after)
    return draft


def _spell(version: EntryVersion) -> Spell | None:
    if version.published_at is None:
        return None
    valid = window(version.valid_from, version.valid_until)
    since = max(version.published_at, valid.start) if valid.start else version.published_at
    ends = [end for end in (version.retired_at, valid.end) if end is not None]
    until = min(ends) if ends else None
    return Spell(version, since, until) if until is None or since < until else None
