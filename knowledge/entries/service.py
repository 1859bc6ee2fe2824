"""The life of an entry: draft, publish, edit, withdraw."""

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
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.versions import content_of, new_version, newest_numbers
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.feed.service import record_changes
from knowledge.people.actor import Actor


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
    _require_current(entry, seen)
    return save_all(session, actor, [Rewording(entry, content)], leaves)[0]


def publish(session: Session, actor: Actor, entry: Entry, seen: int) -> int:
    """Serve the draft.

    Returns:
        The revision in the change feed.

    Raises:
        ConflictError: somebody changed the entry after `seen`, or there is nothing to publish.
        NotAllowedError: not this actor's department.
    """
    require_owner(actor, entry.department_id)
    _require_current(entry, seen)
    return publish_all(session, actor, [entry])


def withdraw(session: Session, actor: Actor, entry: Entry, seen: int, reason: str) -> int:
    """Take the entry out of service; its wording stays on as the draft.

    Returns:
        The revision in the change feed.

    Raises:
        ContentError: no reason was given.
        ConflictError: changed after `seen`, or not in service.
        NotAllowedError: not this actor's department.
    """
    require_owner(actor, entry.department_id)
    _require_current(entry, seen)
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise ContentError({"reason": "请写明下架原因（200 字以内）"})
    if entry.published is None:
        raise ConflictError("这一条没有在服务，无需下架")
    before = {"version": entry.published.number}
    if entry.draft is None:
        content = content_of(entry.published)
        number = newest_numbers(session, [entry.id])[entry.id] + 1
        entry.draft = new_version(actor, entry.id, number, content)
    entry.published = None
    entry.withdrawn_at = entry.updated_at = clock.now()
    flush(session)
    after = {"reason": reason}
    record(session, actor, "entry_withdrawn", f"entry:{entry.id}", before=before, after=after)
    return record_changes(session, [entry.id])


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


def _require_current(entry: Entry, seen: int) -> None:
    if entry.lock_version != seen:
        raise ConflictError("您打开之后，这一条已被别人修改")
