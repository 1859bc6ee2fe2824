"""Entries written, edited, withdrawn, archived; how they are reviewed: `knowledge.review`."""

from collections.abc import Container

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.entries.batch import (
    Beginning,
    Rewording,
    create_all,
    feature_all,
    flush,
    publish_all,
    require_owner,
    save_all,
)
from knowledge.entries.content import EntryContent
from knowledge.entries.lifecycle import IN_REVIEW, Move, Step, require
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import note, place, set_aside, standing, step_of, touch
from knowledge.entries.versions import content_of, new_version, newest_numbers
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.feed.service import record_changes
from knowledge.people.actor import Actor

REASON_LENGTH = 200


def create(
    session: Session,
    actor: Actor,
    department_id: int,
    content: EntryContent,
    *,
    code: str | None = None,
    featured: bool = False,
    leaves: Container[int] | None = None,
) -> Entry:
    """Begin an entry as a draft.

    Args:
        leaves: ids of the leaf categories, where the caller has them at hand.

    Raises:
        NotAllowedError: not this actor's department.
        ContentError: the content breaks the rules.
        ConflictError: the code is taken.
    """
    wanted = Beginning(department_id, content, code, featured)
    return create_all(session, actor, [wanted], leaves)[0]


def save_draft(
    session: Session,
    actor: Actor,
    entry: Entry,
    content: EntryContent,
    seen: int,
    *,
    leaves: Container[int] | None = None,
) -> EntryVersion:
    """Write `content` as the entry's draft; what is published stays as it is.

    Args:
        seen: the `lock_version` on which the edit is based.
        leaves: as in `create`.

    Raises:
        ConflictError: somebody saved the entry after `seen`.
        NotAllowedError, ContentError: as in `create`.
    """
    require_owner(actor, entry.department_id)
    require_current(entry, seen)
    return save_all(session, actor, [Rewording(entry, content)], leaves)[0]


def publish(session: Session, actor: Actor, entry: Entry, seen: int) -> int:
    """Serve the draft without a review: see `publish_all`.

    Returns:
        The revision in the change feed.

    Raises:
        ConflictError: somebody changed the entry after `seen`, or there is nothing to publish.
        NotAllowedError: a person.
    """
    require_current(entry, seen)
    return publish_all(session, actor, [entry])


def withdraw(session: Session, actor: Actor, entry: Entry, seen: int, reason: str) -> int:
    """Take the entry out of service; its wording stays on as the draft.

    A version that is under review goes back to its author, who is told why: what was
    approved for an entry in service is not published behind the withdrawal.

    Returns:
        The revision in the change feed.

    Raises:
        ContentError: no reason was given.
        ConflictError: changed after `seen`, or not in service.
        NotAllowedError: not this actor's department.
    """
    require_owner(actor, entry.department_id)
    require_current(entry, seen)
    require(actor, Move.WITHDRAW, standing(entry))
    reason = reason_given(reason, "下架")
    before = _out_of_service(session, actor, entry)
    if entry.draft is not None and step_of(entry.draft) in IN_REVIEW:
        told = f"{actor.name}下架了这一条（{reason}），这一版没有发布。请看是否还要发布，再提交审核"
        place(entry.draft, Step.RETURNED, notice=told)
        note(session, actor, entry.draft, "returned", told)
    entry.withdrawn_at = clock.now()
    touch(entry)
    flush(session)
    after = {"reason": reason}
    record(session, actor, "entry_withdrawn", f"entry:{entry.id}", before=before, after=after)
    return record_changes(session, [entry.id])


def archive(session: Session, actor: Actor, entry: Entry, seen: int, reason: str) -> None:
    """Put away an entry that is a draft, withdrawn or expired: out of the lists, kept whole.

    Raises:
        ContentError, ConflictError, NotAllowedError: as `withdraw`.
    """
    require_current(entry, seen)
    require(actor, Move.ARCHIVE, standing(entry))
    reason = reason_given(reason, "归档")
    served = entry.published is not None
    before = _out_of_service(session, actor, entry) if served else None
    entry.archived_at = clock.now()
    touch(entry)
    flush(session)
    after = {"reason": reason}
    record(session, actor, "entry_archived", f"entry:{entry.id}", before=before, after=after)
    if served:
        record_changes(session, [entry.id])


def revive(session: Session, actor: Actor, entry: Entry, seen: int) -> None:
    """Take an entry out of the archive: its last wording is a draft again.

    Raises:
        ConflictError, NotAllowedError: as `withdraw`.
    """
    require_current(entry, seen)
    require(actor, Move.REVIVE, standing(entry))
    entry.archived_at = None
    if entry.draft is not None:
        place(entry.draft, Step.WRITING)
    touch(entry)
    flush(session)
    record(session, actor, "entry_revived", f"entry:{entry.id}")


def discard(session: Session, actor: Actor, entry: Entry, seen: int) -> None:
    """Give up the pending version of an entry in service; it stays in the list of versions.

    Raises:
        ConflictError, NotAllowedError: as `withdraw`.
    """
    require_current(entry, seen)
    require(actor, Move.DISCARD, standing(entry))
    draft = entry.draft
    if draft is None:
        return
    set_aside(draft)
    note(session, actor, draft, "discarded")
    entry.draft = None
    touch(entry)
    flush(session)
    before = {"version": draft.number}
    record(session, actor, "draft_discarded", f"entry:{entry.id}", before=before)


def set_featured(session: Session, actor: Actor, entry: Entry, featured: bool) -> None:
    """Put the entry among the frequent questions of the first screen, or take it off.

    Raises:
        NotAllowedError: not this actor's department.
    """
    feature_all(session, actor, [(entry, featured)])


def entry_coded(session: Session, code: str) -> Entry:
    """Return the entry with this code.

    Raises:
        NotFoundError: there is none.
    """
    entry = session.scalar(select(Entry).where(Entry.code == code))
    if entry is None:
        raise NotFoundError(f"没有编号为“{code[:64]}”的条目")
    return entry


def require_current(entry: Entry, seen: int) -> None:
    """Refuse what is based on an older state of the entry.

    Raises:
        ConflictError: somebody changed the entry after `seen`.
    """
    if entry.lock_version == seen:
        return
    if entry.archived_at is not None:
        raise ConflictError("您打开之后，这一条已被别人归档")
    if entry.published is None and entry.withdrawn_at is not None:
        raise ConflictError("您打开之后，这一条已被别人下架或修改")
    raise ConflictError("您打开之后，这一条已被别人修改")


def reason_given(reason: str, what: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        ContentError: none, or longer than 200 characters.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise ContentError({"reason": f"请写明{what}原因（{REASON_LENGTH} 字以内）"})
    return reason


def _out_of_service(session: Session, actor: Actor, entry: Entry) -> dict[str, int] | None:
    """Let the published version serve no more; its wording stays on as the draft."""
    published = entry.published
    if published is None:
        return None
    if entry.draft is None:
        number = newest_numbers(session, [entry.id])[entry.id] + 1
        entry.draft = new_version(actor, entry.id, number, content_of(published))
    published.retired_at = clock.now()
    entry.published = None
    return {"version": published.number}
