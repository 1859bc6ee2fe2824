"""Decides what a row does to the entry that it means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowledge.entries.content import EntryContent, checked
from knowledge.entries.lifecycle import IN_REVIEW
from knowledge.entries.models import Entry
from knowledge.entries.pending import step_of
from knowledge.entries.versions import content_of
from knowledge.exchange.errors import CellError
from knowledge.exchange.plan import Change, Step


def new_step(
    row: int,
    code: str,
    department_id: int,
    fields: Mapping[str, Any],
    publishes: bool,
    featured: bool | None,
) -> Step:
    """Return the step that adds an entry.

    Raises:
        ContentError: the content breaks the rules.
    """
    return Step(
        row=row,
        change=Change.NEW,
        department_id=department_id,
        content=checked(EntryContent(**fields)),
        code=code or None,
        saves=True,
        publishes=publishes,
        featured=bool(featured),
    )


def existing_step(
    row: int, entry: Entry, fields: Mapping[str, Any], publishes: bool, featured: bool | None
) -> Step:
    """Return the step that makes `entry` say what a row says; what it leaves out stays.

    Raises:
        ContentError: the content breaks the rules.
        CellError: it would overwrite a draft that waits beside the published version.
    """
    published = content_of(entry.published) if entry.published else None
    draft = content_of(entry.draft) if entry.draft else None
    before = published or draft if publishes else draft or published
    if before is None:
        raise CellError("对应的条目没有内容", "请先在条目页面补上")
    content = checked(replace(before, **fields))
    saves, serves = _work(content, published, draft, publishes)
    moved = featured if featured is not None and featured != entry.featured else None
    changes = saves or serves or moved is not None
    return Step(
        row=row,
        change=Change.CHANGED if changes else Change.UNCHANGED,
        department_id=entry.department_id,
        content=content,
        code=entry.code,
        entry_id=entry.id,
        saves=saves,
        publishes=serves,
        featured=moved,
        seen=entry.lock_version,
        before=before,
    )


def for_person(step: Step, entry: Entry | None, *, submits: bool) -> Step:
    """Return what a step comes to when a person imports: nobody publishes without a review.

    A row that wants to be served is submitted where the person chose so (`submits`).
    """
    waits = entry is not None and step_of(entry.draft) in IN_REVIEW and not step.saves
    publishes = step.publishes and submits and not waits
    changes = step.saves or publishes or step.featured is not None
    if step.change is Change.NEW or changes:
        return replace(step, publishes=publishes)
    return replace(step, publishes=False, change=Change.UNCHANGED)


def _work(
    content: EntryContent,
    published: EntryContent | None,
    draft: EntryContent | None,
    publishes: bool,
) -> tuple[bool, bool]:
    """Tell whether to write the content as the draft, and whether to publish the draft."""
    if content == draft:
        return False, publishes and content != published
    if content == published:
        return False, False
    if published is not None and draft is not None:
        raise CellError(
            "改不了：这一条有一份还没发布的修改，导入会把它盖掉", "请先在条目页面发布那份修改"
        )
    return True, publishes
