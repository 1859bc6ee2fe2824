"""The review of a pending version: submitted, passed, returned, approved, published."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.entries.batch import flush, serve_all
from knowledge.entries.lifecycle import Move, Step, require
from knowledge.entries.models import Entry, EntryVersion, VersionNote
from knowledge.entries.pending import is_expired, note, place, standing, touch
from knowledge.entries.service import reason_given, require_current
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.people.actor import Actor, Right
from knowledge.review.deadlines import Deadlines
from knowledge.review.many import hand_in

COMMENT_LENGTH = 500
FARTHEST = timedelta(days=366)


def submit(
    session: Session, actor: Actor, entry: Entry, seen: int, deadlines: Deadlines
) -> EntryVersion:
    """Hand the draft to the department's review.

    Raises:
        NotAllowedError: not this actor's department.
        ConflictError: somebody changed the entry after `seen`, or it is not a draft.
        ContentError: it says what is in service already.
    """
    version = _begun(actor, entry, seen, Move.SUBMIT)
    if entry.published is not None and content_of(version) == content_of(entry.published):
        raise ContentError({"standard_question": "内容和在用的版本一样，没有要审核的修改"})
    before = _state(version)
    hand_in(version, actor, deadlines.department_due())
    return _moved(session, actor, entry, version, "submitted", before)


def recall(session: Session, actor: Actor, entry: Entry, seen: int) -> EntryVersion:
    """Take a version back from the review, or from its planned publication, as a draft.

    Raises:
        NotAllowedError, ConflictError: as in `submit`.
    """
    version = _begun(actor, entry, seen, Move.RECALL)
    before = _state(version)
    place(version, Step.WRITING)
    return _moved(session, actor, entry, version, "recalled", before)


def pass_on(
    session: Session, actor: Actor, entry: Entry, seen: int, deadlines: Deadlines
) -> EntryVersion:
    """Pass the department's review: the hotline has the version now.

    A manager of another department does so on the department's behalf, which is recorded.

    Raises:
        NotAllowedError: no right, or the actor wrote on the version.
        ConflictError: changed after `seen`, or the department does not have it.
    """
    version = _begun(actor, entry, seen, Move.PASS)
    before = _state(version)
    place(version, Step.HOTLINE, deadlines.hotline_due())
    behalf = actor.department_id != entry.department_id
    kind = "passed_on_behalf" if behalf else "passed"
    return _moved(session, actor, entry, version, kind, before, on_behalf=behalf)


def send_back(session: Session, actor: Actor, entry: Entry, seen: int, reason: str) -> EntryVersion:
    """Return a version to its author, with the reason.

    Raises:
        ContentError: no reason was given.
        NotAllowedError, ConflictError: as in `pass_on`.
    """
    version = _begun(actor, entry, seen, Move.RETURN)
    reason = reason_given(reason, "退回")
    before = _state(version)
    place(version, Step.RETURNED, notice=f"{actor.name}退回：{reason}")
    return _moved(session, actor, entry, version, "returned", before, text=reason, reason=reason)


def approve(
    session: Session, actor: Actor, entry: Entry, seen: int, at: datetime | None = None
) -> EntryVersion:
    """Pass the hotline's review, and serve the version: now, or at the instant `at`.

    Raises:
        ContentError: `at` lies in the past, too far ahead, or after the validity.
        NotAllowedError, ConflictError: as in `pass_on`; also where the validity is over.
    """
    version = _begun(actor, entry, seen, Move.APPROVE)
    if at is not None:
        _check_instant(version, at)
        before = _state(version)
        place(version, Step.SCHEDULED)
        version.publish_at, version.published_by = at, actor.name
        told = clock.local(at).strftime("%Y-%m-%d %H:%M")
        return _moved(session, actor, entry, version, "scheduled", before, text=told)
    _refuse_expired(version)
    version.published_by = actor.name
    note(session, actor, version, "published")
    serve_all(session, actor, [entry])
    return version


def publish_in_emergency(
    session: Session, actor: Actor, entry: Entry, seen: int, reason: str
) -> EntryVersion:
    """Serve the pending version at once, whatever review it still lacks; recorded as such.

    Raises:
        ContentError: no reason was given.
        NotAllowedError: not a manager.
        ConflictError: changed after `seen`, nothing to publish, or the validity is over.
    """
    version = _begun(actor, entry, seen, Move.EMERGENCY)
    reason = reason_given(reason, "紧急发布")
    _refuse_expired(version)
    own = actor.user_id in {one.user_id for one in version.authors}
    more = {"emergency": True, "reason": reason, "own_text": own, "from": version.step}
    version.published_by, version.emergency = actor.name, True
    note(session, actor, version, "emergency", f"{reason}（本人编写）" if own else reason)
    serve_all(session, actor, [entry], "entry_published_in_emergency", more)
    return version


def confirm(session: Session, actor: Actor, entry: Entry, seen: int) -> None:
    """Note that what is served is still true: its re-review is due anew only later.

    What was published in an emergency is so reviewed after the fact, by somebody else.

    Raises:
        NotAllowedError, ConflictError: as in `submit`; also where nothing is served.
    """
    require_current(entry, seen)
    require(actor, Move.CONFIRM, standing(entry))
    if awaits_review(entry) and actor.user_id in _involved(session, entry):
        raise NotAllowedError("这一版由您编写或紧急发布，要由别人来补审")
    before = {"reviewed_at": entry.reviewed_at.isoformat() if entry.reviewed_at else None}
    entry.reviewed_at = clock.now()
    touch(entry)
    flush(session)
    after = {"reviewed_at": entry.reviewed_at.isoformat()}
    record(session, actor, "entry_confirmed", f"entry:{entry.id}", before=before, after=after)


def awaits_review(entry: Entry) -> bool:
    """Tell whether what is served was published in an emergency and not yet reviewed."""
    published = entry.published
    return (
        published is not None
        and published.emergency
        and entry.reviewed_at == published.published_at
    )


def comment(session: Session, actor: Actor, entry: Entry, text: str) -> None:
    """Leave a comment on the pending version, or on the one in service where none is pending.

    Raises:
        NotAllowedError: neither writes nor reviews this department's entries.
        ContentError: empty or too long.
        ConflictError: there is no version.
    """
    if not may_comment(actor, entry):
        raise NotAllowedError("只有这个部门和热线的人可以在这一条留言")
    text = text.replace("\r\n", "\n").strip()
    if not 1 <= len(text) <= COMMENT_LENGTH:
        raise ContentError({"comment": f"请写下意见（{COMMENT_LENGTH} 字以内）"})
    version = entry.draft or entry.published
    if version is None:
        raise ConflictError("这一条还没有内容")
    note(session, actor, version, "comment", text)
    after = {"version": version.number, "text": text}
    record(session, actor, "version_commented", f"entry:{entry.id}", after=after)


def may_comment(actor: Actor, entry: Entry) -> bool:
    """Tell whether `actor` writes or reviews this entry."""
    at = standing(entry)
    return any(
        actor.may(right, at.department_id, at.category_id)
        for right in (Right.EDIT_ENTRIES, Right.REVIEW_ENTRIES, Right.PUBLISH_ENTRIES)
    )


def _involved(session: Session, entry: Entry) -> set[int | None]:
    """Return who wrote the version in service, and who published it."""
    if entry.published is None:
        return set()
    query = select(VersionNote.actor_id).where(
        VersionNote.version_id == entry.published_version_id, VersionNote.kind == "emergency"
    )
    return {*session.scalars(query), *(one.user_id for one in entry.published.authors)}


def _begun(actor: Actor, entry: Entry, seen: int, move: Move) -> EntryVersion:
    """Return the pending version, once the move is found to be allowed."""
    require_current(entry, seen)
    require(actor, move, standing(entry))
    if entry.draft is None:
        raise ConflictError("没有待发布的修改：这一条已经是最新的发布版本")
    return entry.draft


def _moved(
    session: Session,
    actor: Actor,
    entry: Entry,
    version: EntryVersion,
    kind: str,
    before: dict[str, object],
    text: str = "",
    **more: object,
) -> EntryVersion:
    note(session, actor, version, kind, text)
    touch(entry)
    flush(session)
    after = _state(version) | more
    record(session, actor, f"version_{kind}", f"entry:{entry.id}", before=before, after=after)
    return version


def _state(version: EntryVersion) -> dict[str, object]:
    """Return where a version stands, as JSON for the audit log."""
    publish_at = version.publish_at.isoformat() if version.publish_at else None
    state = {"version": version.number, "step": version.step, "publish_at": publish_at}
    return {name: value for name, value in state.items() if value is not None}


def _check_instant(version: EntryVersion, at: datetime) -> None:
    instant = clock.now()
    if at <= instant:
        problem = "定时发布的时间已经过了，请选以后的时间，或留空马上发布"
    elif at > instant + FARTHEST:
        problem = "定时发布最多提前一年，请选近一些的时间"
    elif is_expired(version, at):
        problem = "到那时这一版的有效期已经过了，请选早一些的时间，或退回修改有效期"
    else:
        return
    raise ContentError({"publish_at": problem})


def _refuse_expired(version: EntryVersion) -> None:
    if is_expired(version):
        raise ConflictError("这一版的有效期已经过了，发布了也查不到，请先改有效期")
