"""One step for many entries: each by itself, as if a person had opened and done them in turn.

What cannot be done is told for each entry and holds up no other; what was done is done
and in the audit log, entry by entry.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from knowledge.categories.service import leaf_paths
from knowledge.checks.models import VersionCheck
from knowledge.checks.service import WHAT_NEXT, digest_of, stands_in_the_way
from knowledge.database import Database
from knowledge.entries import service as entries
from knowledge.entries.lifecycle import IN_REVIEW, STEP_NAMES, Move, refusal
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import standing
from knowledge.entries.service import entry_coded, reason_given, require_current
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError, KnowledgeError
from knowledge.people.actor import Actor
from knowledge.review import service as review
from knowledge.review.deadlines import Deadlines

MOST = 500
BLOCKED = f"发布前检查有必须处理的，{WHAT_NEXT}"


class Act(StrEnum):
    """What can be done to many entries at once."""

    SUBMIT = "submit"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"
    CATEGORY = "category"
    UNTIL = "until"


ACT_NAMES = {
    Act.SUBMIT: "提交审核",
    Act.CONFIRM: "确认仍然有效",
    Act.WITHDRAW: "下架",
    Act.ARCHIVE: "归档",
    Act.CATEGORY: "改分类",
    Act.UNTIL: "改有效期止",
}
WITH_REASON = frozenset({Act.WITHDRAW, Act.ARCHIVE})
MOVES = {
    Act.SUBMIT: Move.SUBMIT,
    Act.CONFIRM: Move.CONFIRM,
    Act.WITHDRAW: Move.WITHDRAW,
    Act.ARCHIVE: Move.ARCHIVE,
    Act.CATEGORY: Move.SAVE,
    Act.UNTIL: Move.SAVE,
}


@dataclass(frozen=True)
class Details:
    """What goes with the step: a reason, a category, a last day (None: without end)."""

    reason: str = ""
    category_id: int | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Line:
    """One entry: `seen` is its state when it was looked at, `problem` why it cannot be done."""

    code: str
    question: str
    seen: int
    problem: str | None = None


def looked_at(session: Session, actor: Actor, act: Act, codes: Sequence[str]) -> list[Line]:
    """Return the entries in the given order, and for each what speaks against the step now.

    Raises:
        ContentError: none, or more than 500.
    """
    if not codes:
        raise ContentError({"entries": "还没有选条目：请勾选，或选“筛选出的全部”"})
    if len(codes) > MOST:
        raise ContentError({"entries": f"一次最多办 {MOST} 条，请先筛选得少一些"})
    query = select(Entry).where(Entry.code.in_(codes))
    query = query.options(
        selectinload(Entry.published), selectinload(Entry.draft).selectinload(EntryVersion.authors)
    )
    found = {one.code: one for one in session.scalars(query)}
    blocked = _blocked(session, found.values()) if act is Act.SUBMIT else frozenset()
    lines = []
    for code in dict.fromkeys(codes):
        entry = found.get(code)
        if entry is None:
            lines.append(Line(code, "", 0, "没有这个编号的条目"))
            continue
        problem = _problem(actor, act, entry)
        if problem is None and entry.draft_version_id in blocked:
            problem = BLOCKED
        lines.append(Line(code, _question(entry), entry.lock_version, problem))
    return lines


def checked(session: Session, act: Act, details: Details) -> Details:
    """Return the details, found to be complete.

    Raises:
        ContentError: a reason or a category is missing.
    """
    if act in WITH_REASON:
        return replace(details, reason=reason_given(details.reason, ACT_NAMES[act]))
    if act is Act.CATEGORY and details.category_id not in leaf_paths(session):
        raise ContentError({"new_category": "请选择一个末级分类"})
    return details


def carry_out(
    database: Database,
    actor: Actor,
    act: Act,
    wanted: Sequence[tuple[str, int]],
    details: Details,
    deadlines: Deadlines,
) -> list[Line]:
    """Take the step for each (code, state that was seen); each in a transaction of its own.

    Raises:
        ContentError: more than 500, or the details are not complete.
    """
    if len(wanted) > MOST:
        raise ContentError({"entries": f"一次最多办 {MOST} 条，请先筛选得少一些"})
    with database.read() as session:
        details = checked(session, act, details)
    take = _taker(act, actor, details, deadlines)
    return [_taken(database, code, seen, take) for code, seen in wanted]


Take = Callable[[Session, Entry, int], None]


def _taken(database: Database, code: str, seen: int, take: Take) -> Line:
    question = ""
    try:
        with database.write() as session:
            entry = entry_coded(session, code)
            question = _question(entry)
            take(session, entry, seen)
    except KnowledgeError as error:
        return Line(code, question, seen, str(error))
    return Line(code, question, seen)


def _taker(act: Act, actor: Actor, details: Details, deadlines: Deadlines) -> Take:
    def take(session: Session, entry: Entry, seen: int) -> None:
        if act is Act.SUBMIT:
            if _blocked(session, [entry]):
                raise ConflictError(BLOCKED)
            review.submit(session, actor, entry, seen, deadlines)
        elif act is Act.CONFIRM:
            review.confirm(session, actor, entry, seen)
        elif act is Act.WITHDRAW:
            entries.withdraw(session, actor, entry, seen, details.reason)
        elif act is Act.ARCHIVE:
            entries.archive(session, actor, entry, seen, details.reason)
        else:
            _reword(session, actor, act, entry, seen, details)

    return take


def _reword(
    session: Session, actor: Actor, act: Act, entry: Entry, seen: int, details: Details
) -> None:
    """Let the draft say the new category or last day; what is served waits for the review."""
    require_current(entry, seen)
    error = _problem(actor, act, entry)
    if error is not None:
        raise ConflictError(error)
    current = entry.draft or entry.published
    if current is None:
        raise ConflictError("这一条还没有内容")
    content = content_of(current)
    if act is Act.CATEGORY:
        changed = replace(content, category_id=details.category_id or 0)
    else:
        changed = replace(content, valid_until=details.valid_until)
    if changed == content:
        raise ConflictError("本来就是这样，没有改动")
    entries.save_draft(session, actor, entry, changed, seen)


def _blocked(session: Session, found: Iterable[Entry]) -> frozenset[int]:
    """Return the drafts in whose wording a check found what stands in the way of a publication.

    What nobody examined yet is examined when it is to be published, at the latest.
    """
    drafts = {one.draft.id: one.draft for one in found if one.draft is not None}
    query = select(VersionCheck).where(VersionCheck.version_id.in_(drafts), VersionCheck.blocked)
    return frozenset(
        one.version_id
        for one in session.scalars(query)
        if stands_in_the_way(one) and one.digest == digest_of(content_of(drafts[one.version_id]))
    )


def _problem(actor: Actor, act: Act, entry: Entry) -> str | None:
    at = standing(entry)
    error = refusal(actor, MOVES[act], at)
    if error is not None:
        return str(error)
    if MOVES[act] is Move.SAVE and at.step in IN_REVIEW and at.step is not None:
        return f"正在“{STEP_NAMES[at.step]}”，请先撤回再改"
    return None


def _question(entry: Entry) -> str:
    shown = entry.draft or entry.published
    return shown.standard_question if shown else "（无内容）"
