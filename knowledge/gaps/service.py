"""What staff decide about knowledge gaps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.departments.models import Department
from knowledge.entries.content import phrasing_key
from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded, save_draft
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.status import CLOSED, STATUS_NAMES, Status
from knowledge.people.actor import Actor, Right

REASON_LENGTH = 200
NOBODYS = 0  # no department has this id: who may edit its entries may edit everybody's


def manages(actor: Actor) -> bool:
    """Tell whether the person looks after the gaps of all departments."""
    return actor.may(Right.EDIT_ENTRIES, NOBODYS)


def sees(actor: Actor, gap: Gap) -> bool:
    """Tell whether the gap is the person's department's, or nobody's yet."""
    if gap.department_id is None:
        return actor.may(Right.EDIT_ENTRIES)
    return actor.may(Right.EDIT_ENTRIES, gap.department_id)


def decides(actor: Actor, gap: Gap) -> bool:
    """Tell whether the person may decide: for the gap's department, or the suggested one."""
    owner = gap.department_id or gap.suggested_department_id or NOBODYS
    return actor.may(Right.EDIT_ENTRIES, owner)


def gap_for(session: Session, actor: Actor, gap_id: int) -> Gap:
    """Return a gap that the person sees.

    Raises:
        NotFoundError: there is none, or regrouping has put it into another.
        NotAllowedError: it is another department's.
    """
    gap = session.get(Gap, gap_id)
    if gap is None:
        raise NotFoundError("没有这个知识缺口，可能归并时并入了别的组；请回到列表查找")
    if not sees(actor, gap):
        raise NotAllowedError("这个知识缺口已分派给其他部门，您不能查看")
    return gap


def assign(
    session: Session, actor: Actor, gap_id: int, seen: int, department_id: int | None
) -> Gap:
    """Give a gap to a department, or (None) back to be assigned.

    A manager gives any gap to anybody; a department takes one that is nobody's, or gives
    its own back.

    Raises:
        NotAllowedError, NotFoundError, ConflictError
    """
    gap = _current(session, actor, gap_id, seen)
    if department_id is not None and session.get(Department, department_id) is None:
        raise NotFoundError("没有这个部门，请重新选择")
    held, taking = gap.department_id, gap.department_id is None
    allowed = manages(actor) or (
        department_id is not None and taking and actor.may(Right.EDIT_ENTRIES, department_id)
    )
    if department_id is None and held is not None:
        allowed = actor.may(Right.EDIT_ENTRIES, held)
    if not allowed:
        raise NotAllowedError("您只能领取还没有分派的缺口，或退回本部门的")
    before = {"department_id": gap.department_id}
    gap.department_id = department_id
    _changed(session, actor, gap, "gap_assigned", before, {"department_id": department_id})
    return gap


def out_of_remit(session: Session, actor: Actor, gap_id: int, seen: int, reason: str) -> Gap:
    """Decide that this hotline's level of government does not handle these matters.

    Raises:
        ContentError: no reason was given.
        NotAllowedError, NotFoundError, ConflictError
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise ContentError({"reason": f"请写明为什么不受理、该找谁（{REASON_LENGTH} 字以内）"})
    return _decide(session, actor, gap_id, seen, Status.OUT_OF_REMIT, reason=reason)


def ignore(session: Session, actor: Actor, gap_id: int, seen: int, reason: str = "") -> Gap:
    """Decide that nothing needs doing.

    Raises:
        ContentError, NotAllowedError, NotFoundError, ConflictError
    """
    reason = reason.strip()
    if len(reason) > REASON_LENGTH:
        raise ContentError({"reason": f"说明最多 {REASON_LENGTH} 字，请缩短"})
    return _decide(session, actor, gap_id, seen, Status.IGNORED, reason=reason)


def answered_by(session: Session, actor: Actor, gap_id: int, seen: int, code: str) -> Gap:
    """Decide that a published entry answers these questions as it is.

    Raises:
        ContentError: the entry is not published.
        NotAllowedError, NotFoundError, ConflictError
    """
    entry = entry_coded(session, code.strip())
    if entry.published is None:
        raise ContentError({"entry": "这一条还没有发布，不能用来解答；请先发布，或选别的条目"})
    return _decide(session, actor, gap_id, seen, Status.ANSWERED, entry_id=entry.id)


def reopen(session: Session, actor: Actor, gap_id: int, seen: int) -> Gap:
    """Take a decision back.

    Raises:
        NotAllowedError, NotFoundError, ConflictError
    """
    return _decide(session, actor, gap_id, seen, Status.OPEN)


def add_phrasings(
    session: Session, actor: Actor, gap_id: int, seen: int, code: str, texts: Sequence[str]
) -> Entry:
    """Add questions of the gap to an entry's draft as similar questions, and bind the entry.

    Raises:
        ContentError: nothing was chosen, or the entry's rules are broken.
        NotAllowedError: the gap or the entry is another department's.
        NotFoundError, ConflictError
    """
    gap = _current(session, actor, gap_id, seen)
    entry = entry_coded(session, code.strip())
    current = entry.draft or entry.published
    own = set(session.scalars(select(GapQuestion.text).where(GapQuestion.gap_id == gap.id)))
    wanted = [text for text in texts if text in own]
    if not wanted or current is None:
        raise ContentError({"texts": "请至少勾选一个要补充的问法"})
    content = content_of(current)
    more = replace(content, similar_questions=(*content.similar_questions, *wanted))
    save_draft(session, actor, entry, more, entry.lock_version)
    bind(session, actor, gap, entry)
    return entry


def bind(session: Session, actor: Actor, gap: Gap, entry: Entry) -> None:
    """Note that `entry` is being written for this gap, which closes once it is answered.

    Raises:
        NotAllowedError: neither the gap nor the entry is the person's to decide on.
    """
    if not (sees(actor, gap) and actor.may(Right.EDIT_ENTRIES, entry.department_id)):
        raise NotAllowedError("这个知识缺口属于其他部门，您不能处理")
    before = _told(gap)
    gap.status, gap.entry_id, gap.department_id = (
        Status.DRAFTING.value,
        entry.id,
        entry.department_id,
    )
    gap.answered = gap.checked = 0
    gap.checked_revision = -1
    gap.decided_at, gap.decided_by = clock.now(), actor.name
    _changed(session, actor, gap, "gap_bound", before, _told(gap))


def merge(session: Session, actor: Actor, gap_id: int, seen: int, other_id: int) -> Gap:
    """Put the questions of another gap into this one.

    Raises:
        ConflictError: it is the same gap, or the other was merged already.
        NotAllowedError, NotFoundError
    """
    gap = _decidable(session, actor, gap_id, seen)
    other = gap_for(session, actor, other_id)
    if other.id == gap.id or Status.MERGED.value in {other.status, gap.status}:
        raise ConflictError("不能合并：是同一组，或已经合并过了")
    if not decides(actor, other):
        raise NotAllowedError("另一组属于其他部门，请知识管理员来合并")
    session.execute(update(GapQuestion).where(GapQuestion.gap_id == other.id).values(gap_id=gap.id))
    before = _told(other)
    other.status, other.merged_into = Status.MERGED.value, gap.id
    other.decided_at, other.decided_by = clock.now(), actor.name
    _changed(session, actor, other, "gap_merged", before, {"into": gap.id})
    _changed(session, actor, gap, "gap_grew", None, {"merged": other.id})
    return gap


def split(session: Session, actor: Actor, gap_id: int, seen: int, texts: Sequence[str]) -> Gap:
    """Take questions that mean something else out of a gap; they become one of their own.

    Raises:
        ContentError: nothing, or everything, was chosen.
        NotAllowedError, NotFoundError, ConflictError
    """
    gap = _decidable(session, actor, gap_id, seen)
    rows = session.scalars(select(GapQuestion).where(GapQuestion.gap_id == gap.id)).all()
    wanted = {phrasing_key(text) for text in texts}
    moved = [row for row in rows if phrasing_key(row.text) in wanted]
    if not moved or len(moved) == len(rows):
        raise ContentError({"texts": "请勾选要拆出的问法（不能是全部）"})
    new = Gap(title=moved[0].text, status=Status.OPEN.value, created_at=clock.now(), lock_version=1)
    session.add(new)
    session.flush()
    for row in moved:
        row.gap_id = new.id
    left = [row.text for row in rows if row not in moved]
    if gap.title not in left:
        gap.title = left[0]
    _changed(session, actor, gap, "gap_split", None, {"into": new.id})
    _changed(session, actor, new, "gap_split_off", None, {"from": gap.id})
    return new


def _decide(
    session: Session,
    actor: Actor,
    gap_id: int,
    seen: int,
    status: Status,
    *,
    reason: str = "",
    entry_id: int | None = None,
) -> Gap:
    gap = _decidable(session, actor, gap_id, seen)
    before = _told(gap)
    gap.status, gap.reason, gap.entry_id = status.value, reason, entry_id
    gap.decided_at, gap.decided_by = clock.now(), actor.name
    if gap.department_id is None and status in CLOSED:
        gap.department_id = gap.suggested_department_id
    _changed(session, actor, gap, f"gap_{status.value}", before, _told(gap))
    return gap


def _decidable(session: Session, actor: Actor, gap_id: int, seen: int) -> Gap:
    gap = _current(session, actor, gap_id, seen)
    if not decides(actor, gap):
        raise NotAllowedError("这个知识缺口不归您的部门处理；要处理请先领取")
    return gap


def _current(session: Session, actor: Actor, gap_id: int, seen: int) -> Gap:
    gap = gap_for(session, actor, gap_id)
    session.refresh(gap, with_for_update=True)
    if gap.lock_version != seen:
        raise ConflictError(f"{gap.decided_by or '别人'}刚处理过这个缺口，请看过现在的情况再决定")
    if gap.status == Status.MERGED.value:
        raise ConflictError("这一组已经并入别的组，请到那一组处理")
    return gap


def _changed(
    session: Session,
    actor: Actor,
    gap: Gap,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    gap.lock_version += 1
    if action == "gap_assigned":
        gap.decided_by = actor.name
    session.flush()
    record(session, actor, action, f"gap:{gap.id}", before=before, after=after)


def _told(gap: Gap) -> dict[str, Any]:
    return {
        "status": STATUS_NAMES[Status(gap.status)],
        "reason": gap.reason,
        "entry_id": gap.entry_id,
        "department_id": gap.department_id,
    }
