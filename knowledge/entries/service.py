"""The life of an entry: draft, publish, edit, withdraw."""

import secrets
from collections.abc import Container
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knowledge import clock
from knowledge.audit.service import record
from knowledge.categories.service import leaf_paths
from knowledge.entries.content import EntryContent, checked
from knowledge.entries.models import Entry, EntryVersion, Phrasing
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.feed.service import record_change
from knowledge.people.actor import Actor, Right


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
    _require(actor, department_id)
    content = _checked(session, content, leaves)
    code = code or f"e-{secrets.token_hex(6)}"
    if session.scalar(select(Entry.id).where(Entry.code == code)) is not None:
        raise ConflictError(f"编号“{code}”已被另一条目使用，请换一个编号")
    instant = clock.now()
    entry = Entry(
        code=code,
        department_id=department_id,
        featured=featured,
        created_at=instant,
        updated_at=instant,
    )
    session.add(entry)
    session.flush()
    entry.draft = _version(actor, entry, 1, content)
    session.flush()
    record(session, actor, "entry_created", f"entry:{entry.id}", after=summary(content))
    return entry


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
    _require(actor, entry.department_id)
    _require_current(entry, seen)
    content = _checked(session, content, leaves)
    current = entry.draft or entry.published
    before = summary(content_of(current)) if current else None
    draft = entry.draft
    if draft is None:
        draft = _version(actor, entry, _next_number(session, entry), content)
        entry.draft = draft
    else:
        _fill(draft, actor, content)
    entry.updated_at = clock.now()
    _flush(session)
    record(
        session, actor, "draft_saved", f"entry:{entry.id}", before=before, after=summary(content)
    )
    return draft


def publish(session: Session, actor: Actor, entry: Entry, seen: int) -> int:
    """Serve the draft.

    Returns:
        The revision in the change feed.

    Raises:
        ConflictError: somebody changed the entry after `seen`, or there is nothing to publish.
        NotAllowedError: not this actor's department.
    """
    _require(actor, entry.department_id)
    _require_current(entry, seen)
    version = entry.draft
    if version is None:
        raise ConflictError("没有待发布的修改：这一条已经是最新的发布版本")
    instant = clock.now()
    version.published_at = instant
    entry.published, entry.draft = version, None
    entry.withdrawn_at, entry.updated_at = None, instant
    _flush(session)
    after = summary(content_of(version)) | {"version": version.number}
    record(session, actor, "entry_published", f"entry:{entry.id}", after=after)
    return record_change(session, entry.id)


def withdraw(session: Session, actor: Actor, entry: Entry, seen: int, reason: str) -> int:
    """Take the entry out of service; its wording stays on as the draft.

    Returns:
        The revision in the change feed.

    Raises:
        ContentError: no reason was given.
        ConflictError: changed after `seen`, or not in service.
        NotAllowedError: not this actor's department.
    """
    _require(actor, entry.department_id)
    _require_current(entry, seen)
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise ContentError({"reason": "请写明下架原因（200 字以内）"})
    if entry.published is None:
        raise ConflictError("这一条没有在服务，无需下架")
    before = {"version": entry.published.number}
    if entry.draft is None:
        content = content_of(entry.published)
        entry.draft = _version(actor, entry, _next_number(session, entry), content)
    entry.published = None
    entry.withdrawn_at = entry.updated_at = clock.now()
    _flush(session)
    after = {"reason": reason}
    record(session, actor, "entry_withdrawn", f"entry:{entry.id}", before=before, after=after)
    return record_change(session, entry.id)


def set_featured(session: Session, actor: Actor, entry: Entry, featured: bool) -> None:
    """Put the entry among the frequent questions of the first screen, or take it off.

    Raises:
        NotAllowedError: not this actor's department.
    """
    _require(actor, entry.department_id)
    if entry.featured == featured:
        return
    before, after = {"featured": entry.featured}, {"featured": featured}
    entry.featured, entry.updated_at = featured, clock.now()
    _flush(session)
    record(session, actor, "entry_featured", f"entry:{entry.id}", before=before, after=after)


def entry_coded(session: Session, code: str) -> Entry:
    """Return the entry with this code.

    Raises:
        NotFoundError: there is none.
    """
    entry = session.scalar(select(Entry).where(Entry.code == code))
    if entry is None:
        raise NotFoundError(f"没有编号为“{code[:64]}”的条目")
    return entry


def content_of(version: EntryVersion) -> EntryContent:
    """Return what a version says."""
    return EntryContent(
        standard_question=version.standard_question,
        answer=version.answer,
        category_id=version.category_id,
        similar_questions=tuple(p.text for p in version.phrasings if not p.negative),
        negative_questions=tuple(p.text for p in version.phrasings if p.negative),
        spoken_answer=version.spoken_answer,
        issuing_body=version.issuing_body,
        legal_basis=version.legal_basis,
        region=version.region,
        audience=tuple(version.audience),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
    )


def summary(content: EntryContent) -> dict[str, Any]:
    """Return `content` as JSON for the audit log."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in vars(content).items()
    }


def _checked(
    session: Session, content: EntryContent, leaves: Container[int] | None
) -> EntryContent:
    """Check the content, and that its category is a leaf."""
    problems: dict[str, str] = {}
    if content.category_id not in (leaf_paths(session) if leaves is None else leaves):
        problems["category"] = "请选择一个末级分类"
    try:
        tidy = checked(content)
    except ContentError as error:
        raise ContentError(error.problems | problems) from error
    if problems:
        raise ContentError(problems)
    return tidy


def _require(actor: Actor, department_id: int) -> None:
    if not actor.may(Right.EDIT_ENTRIES, department_id):
        raise NotAllowedError("这一条属于其他部门，您可以查看，不能修改")


def _require_current(entry: Entry, seen: int) -> None:
    if entry.lock_version != seen:
        raise ConflictError("您打开之后，这一条已被别人修改")


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError("您保存的同时，这一条被别人修改了") from error


def _next_number(session: Session, entry: Entry) -> int:
    newest = session.scalar(
        select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry.id)
    )
    return (newest or 0) + 1


def _version(actor: Actor, entry: Entry, number: int, content: EntryContent) -> EntryVersion:
    version = EntryVersion(entry_id=entry.id, number=number)
    _fill(version, actor, content)
    return version


def _fill(version: EntryVersion, actor: Actor, content: EntryContent) -> None:
    for name in (
        "standard_question",
        "answer",
        "spoken_answer",
        "issuing_body",
        "legal_basis",
        "category_id",
        "region",
        "valid_from",
        "valid_until",
    ):
        setattr(version, name, getattr(content, name))
    version.audience = list(content.audience)
    version.author_name = actor.name
    version.created_at = clock.now()
    texts = [(text, False) for text in content.similar_questions]
    texts += [(text, True) for text in content.negative_questions]
    version.phrasings = [
        Phrasing(position=position, text=text, negative=negative)
        for position, (text, negative) in enumerate(texts)
    ]
