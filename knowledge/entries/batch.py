"""Steps in the life of many entries at once, in a few statements for all of them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knowledge import clock
from knowledge.audit.service import record
from knowledge.categories.service import leaf_paths
from knowledge.entries.content import EntryContent, checked
from knowledge.entries.lifecycle import IN_REVIEW, Move, Step, require
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import note, place, set_aside, sign, standing, step_of, touch
from knowledge.entries.versions import (
    PORTION,
    content_of,
    fill,
    new_version,
    newest_numbers,
    summary,
)
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.feed.service import record_changes
from knowledge.people.actor import Actor, Right


@dataclass(frozen=True)
class Beginning:
    """An entry that is to be; without a code it gets one of its own."""

    department_id: int
    content: EntryContent
    code: str | None = None
    featured: bool = False


@dataclass(frozen=True)
class Rewording:
    """An entry and what its draft is to say."""

    entry: Entry
    content: EntryContent


def create_all(
    session: Session,
    actor: Actor,
    wanted: Sequence[Beginning],
    leaves: Container[int] | None = None,
) -> list[Entry]:
    """Begin entries as drafts; returns them in the same order.

    Args:
        leaves: ids of the leaf categories, where the caller has them at hand.

    Raises:
        NotAllowedError: not this actor's department.
        ContentError: the content breaks the rules.
        ConflictError: a code is taken.
    """
    if leaves is None:
        leaves = leaf_paths(session)
    for one in wanted:
        require_owner(actor, one.department_id, one.content.category_id)
    contents = [ready_content(one.content, leaves) for one in wanted]
    _require_free(session, [one.code for one in wanted if one.code])
    instant = clock.now()
    entries = [
        Entry(
            code=one.code or f"e-{token_hex(6)}",
            department_id=one.department_id,
            featured=one.featured,
            created_at=instant,
            updated_at=instant,
        )
        for one in wanted
    ]
    session.add_all(entries)
    session.flush()
    for entry, content in zip(entries, contents, strict=True):
        entry.draft = new_version(actor, entry.id, 1, content)
        sign(entry.draft, actor)
    session.flush()
    for entry, content in zip(entries, contents, strict=True):
        record(session, actor, "entry_created", f"entry:{entry.id}", after=summary(content))
    return entries


def save_all(
    session: Session,
    actor: Actor,
    wanted: Sequence[Rewording],
    leaves: Container[int] | None = None,
) -> list[EntryVersion]:
    """Write the contents as the entries' drafts; what is published stays as it is.

    A draft that was under review goes back to its author: what was read there is no more.

    Raises:
        NotAllowedError, ContentError: as in `create_all`.
        ConflictError: somebody changed an entry meanwhile, or it is archived.
    """
    if leaves is None:
        leaves = leaf_paths(session)
    for one in wanted:
        if not actor.is_system:
            require(actor, Move.SAVE, standing(one.entry))
        require_owner(actor, one.entry.department_id, one.content.category_id)
    contents = [ready_content(one.content, leaves) for one in wanted]
    numbers = newest_numbers(session, {one.entry.id for one in wanted if one.entry.draft is None})
    drafts = []
    for one, content in zip(wanted, contents, strict=True):
        entry = one.entry
        current = entry.draft or entry.published
        before = summary(content_of(current)) if current else None
        draft = entry.draft
        if draft is None:
            draft = new_version(actor, entry.id, numbers.get(entry.id, 0) + 1, content)
            entry.draft = draft
        else:
            _taken_back(session, actor, draft)
            fill(draft, actor, content)
        sign(draft, actor)
        touch(entry)
        drafts.append(draft)
        subject = f"entry:{entry.id}"
        record(session, actor, "draft_saved", subject, before=before, after=summary(content))
    flush(session)
    return drafts


def publish_all(session: Session, actor: Actor, entries: Sequence[Entry]) -> int:
    """Serve the drafts without a review, as only the system may (the first knowledge, imports).

    Returns the last revision in the change feed.

    Raises:
        NotAllowedError: a person; people's changes go through the review.
        ConflictError: an entry has nothing to publish, or somebody changed it meanwhile.
    """
    if not actor.is_system:
        raise NotAllowedError("发布要先经过审核，请提交审核")
    return serve_all(session, actor, entries)


def serve_all(
    session: Session,
    actor: Actor,
    entries: Sequence[Entry],
    action: str = "entry_published",
    more: dict[str, Any] | None = None,
) -> int:
    """Serve the drafts; whether that may be was asked before.

    Args:
        action: what the audit log calls it; `more` is noted there besides.

    Returns:
        The last revision in the change feed.

    Raises:
        ConflictError: as in `publish_all`.
    """
    instant = clock.now()
    for entry in entries:
        version = entry.draft
        if version is None:
            raise ConflictError("没有待发布的修改：这一条已经是最新的发布版本")
        before = {"version": entry.published.number} if entry.published else None
        if entry.published is not None:
            entry.published.retired_at = instant
        set_aside(version)
        version.published_at = instant
        version.published_by = version.published_by or actor.name
        entry.published, entry.draft = version, None
        entry.withdrawn_at = entry.archived_at = None
        entry.reviewed_at = instant
        touch(entry)
        after = summary(content_of(version)) | {"version": version.number} | (more or {})
        record(session, actor, action, f"entry:{entry.id}", before=before, after=after)
    flush(session)
    return record_changes(session, [entry.id for entry in entries])


def feature_all(session: Session, actor: Actor, wanted: Sequence[tuple[Entry, bool]]) -> None:
    """Put entries among the frequent questions of the first screen, or take them off.

    Raises:
        NotAllowedError, ConflictError: as in `publish_all`.
    """
    for entry, featured in wanted:
        require_owner(actor, entry.department_id)
        if entry.featured == featured:
            continue
        before, after = {"featured": entry.featured}, {"featured": featured}
        entry.featured, entry.updated_at = featured, clock.now()
        record(session, actor, "entry_featured", f"entry:{entry.id}", before=before, after=after)
    flush(session)


def require_owner(actor: Actor, department_id: int, category_id: int | None = None) -> None:
    """Refuse who may not edit the entries of this department (in this category).

    Raises:
        NotAllowedError: so it is.
    """
    if not actor.may(Right.EDIT_ENTRIES, department_id, category_id):
        raise NotAllowedError("这一条属于其他部门，您可以查看，不能修改")


def flush(session: Session) -> None:
    """Write what the session holds.

    Raises:
        ConflictError: somebody changed one of the rows since they were read.
    """
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError("您保存的同时，这一条被别人修改了") from error


def _taken_back(session: Session, actor: Actor, draft: EntryVersion) -> None:
    """A draft that is written on while under review is read anew, by everybody."""
    step = step_of(draft)
    if step not in IN_REVIEW:
        return
    told = "定时发布已取消" if step is Step.SCHEDULED else "审核中断"
    place(draft, Step.WRITING, notice=f"{told}：{actor.name}在审核中修改了内容，请重新提交审核")
    note(session, actor, draft, "rewritten", told)


def ready_content(content: EntryContent, leaves: Container[int]) -> EntryContent:
    """Return the content tidied, once its category is found to be a leaf.

    Raises:
        ContentError: it breaks the rules.
    """
    problems: dict[str, str] = {}
    if content.category_id not in leaves:
        problems["category"] = "请选择一个末级分类"
    try:
        tidy = checked(content)
    except ContentError as error:
        raise ContentError(error.problems | problems) from error
    if problems:
        raise ContentError(problems)
    return tidy


def _require_free(session: Session, codes: Sequence[str]) -> None:
    for start in range(0, len(codes), PORTION):
        query = select(Entry.code).where(Entry.code.in_(codes[start : start + PORTION]))
        taken = session.scalars(query).first()
        if taken is not None:
            raise ConflictError(f"编号“{taken}”已被另一条目使用，请换一个编号")
