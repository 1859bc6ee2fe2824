"""Report that an entry is not right, and decide what comes of it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.actors import CITIZEN
from knowledge.audit.service import record
from knowledge.conversations.models import Message
from knowledge.conversations.service import Draft, Sender, add_message
from knowledge.corrections.models import Correction
from knowledge.corrections.wording import KIND_NAMES, Kind, State, deadline, outcome
from knowledge.entries.models import Entry, EntryVersion
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right
from knowledge.privacy.redaction import redact
from knowledge.settings import Settings

TEXT_LENGTH = 500
ALL_TEXTS = 2000  # of one person who comes back with more


@dataclass(frozen=True)
class Report:
    """What is said of a version of an entry."""

    version_id: int
    kind: Kind
    text: str


@dataclass(frozen=True)
class Decision:
    """What comes of a correction; `duplicate_of` is another one's number."""

    state: State
    reason: str = ""
    duplicate_of: int | None = None


def report(
    session: Session, actor: Actor, settings: Settings, entry: Entry, said: Report
) -> Correction:
    """Take a report by a member of staff; a second one on the same version joins the first.

    Raises:
        NotAllowedError: no member of staff.
        ContentError: no text, or too long; or no version of this entry that was published.
    """
    if actor.user_id is None or not actor.may(Right.READ_ENTRIES):
        raise NotAllowedError("请登录后再提出纠错")
    version = session.get(EntryVersion, said.version_id)
    if version is None or version.entry_id != entry.id:
        raise ContentError({"version_id": "这一条没有您看到的那一版，请刷新页面再试"})
    given = Correction(
        reporter_id=actor.user_id, reporter_name=actor.name, open_for=f"user:{actor.user_id}"
    )
    return _take(session, actor, settings, said, given)


def report_answer(
    session: Session, settings: Settings, conversation_id: str, message_id: int, said: Report
) -> Correction:
    """Take a citizen's report on the answer in a message (its version counts, not `said`'s).

    Raises:
        NotFoundError: no answer with this id in this conversation.
        ContentError: as `report`.
    """
    message = session.get(Message, message_id)
    answered = message.payload.get("answered") if message else None
    if message is None or message.conversation_id != conversation_id or not answered:
        raise NotFoundError("没有找到您要纠错的回答")
    given = Correction(
        reporter_name=CITIZEN.name,
        conversation_id=conversation_id,
        open_for=f"talk:{conversation_id}",
    )
    said = Report(answered["version_id"], said.kind, said.text)
    return _take(session, CITIZEN, settings, said, given)


def decide(session: Session, actor: Actor, correction_id: int, decision: Decision) -> Correction:
    """Decide a correction, and tell the citizen who reported it.

    Raises:
        NotFoundError, NotAllowedError
        ContentError: no reason, or nothing that mends the version, or no such other report.
        ConflictError: somebody decided it already.
    """
    found = correction(session, correction_id)
    if not may_decide(actor, found):
        raise NotAllowedError("这一条属于其他部门，您可以查看，不能决定")
    if found.state != State.OPEN:
        raise ConflictError(f"{found.decided_by}已经作了决定")
    reason = redact(decision.reason.strip()).text
    _require_sound(session, found, decision, reason)
    ended = session.execute(
        update(Correction)
        .where(Correction.id == found.id, Correction.state == State.OPEN)
        .values(state=decision.state.value, open_for=None)
        .returning(Correction.id)
    ).first()
    if ended is None:
        raise ConflictError("别人刚刚作了决定")
    session.refresh(found)
    found.decided_at, found.decided_by, found.reason = clock.now(), actor.name, reason
    after: dict[str, object] = {"reason": reason, "entry": found.entry.code}
    if decision.state is State.ADOPTED and found.entry.published is not None:
        found.mended_by_id = found.entry.published.id
        after["version"] = found.entry.published.number
    if decision.state is State.DUPLICATE:
        found.duplicate_of_id = after["into"] = decision.duplicate_of
    session.flush()
    action = "merged" if decision.state is State.DUPLICATE else decision.state.value
    record(session, actor, f"correction_{action}", f"correction:{found.id}", after=after)
    if found.conversation_id is not None:
        text = outcome(found.version.standard_question, decision.state, reason)
        draft = Draft(Sender.BOT, text, payload={"correction": found.id})
        add_message(session, found.conversation_id, draft)
    return found


def correction(session: Session, correction_id: int) -> Correction:
    """Return a correction.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Correction, correction_id)
    if found is None:
        raise NotFoundError("没有这条纠错")
    return found


def may_decide(actor: Actor, found: Correction) -> bool:
    """Tell whether the actor decides on this department's corrections."""
    return actor.may(Right.EDIT_ENTRIES, found.entry.department_id)


def forget(session: Session, conversation_id: str) -> None:
    """Cut what a citizen reported off from the conversation that is being erased."""
    session.execute(
        update(Correction)
        .where(Correction.conversation_id == conversation_id)
        .values(conversation_id=None, open_for=None)
    )


def _take(
    session: Session, actor: Actor, settings: Settings, said: Report, given: Correction
) -> Correction:
    text = redact(said.text.strip()).text
    if not 1 <= len(text) <= TEXT_LENGTH:
        raise ContentError({"text": f"请写明哪里不对、应当怎样（{TEXT_LENGTH} 字以内）"})
    version = session.get(EntryVersion, said.version_id)
    if version is None or version.published_at is None:
        raise ContentError({"version_id": "这一版没有发布过，请刷新页面再试"})
    due = deadline(said.kind, settings)
    same = session.scalar(
        select(Correction).where(
            Correction.version_id == version.id, Correction.open_for == given.open_for
        )
    )
    if same is not None:
        return _joined(session, actor, same, Report(version.id, said.kind, text), settings)
    given.entry_id, given.version_id = version.entry_id, version.id
    given.kind, given.text, given.state = said.kind.value, text, State.OPEN.value
    given.created_at, given.due_at = clock.now(), due
    session.add(given)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("您刚才已经对这一版提过纠错，不用再提") from error
    code = session.scalars(select(Entry.code).where(Entry.id == version.entry_id)).one()
    # What was written stays out of the log, which nothing can be erased from.
    after = _told(given) | {"entry": code}
    record(session, actor, "correction_reported", f"correction:{given.id}", after=after)
    return given


def _joined(
    session: Session, actor: Actor, same: Correction, said: Report, settings: Settings
) -> Correction:
    """Add to what the same person said of the same version before."""
    due = deadline(said.kind, settings)
    before, kind = same.text, same.kind
    if said.text not in same.text.split("\n"):
        if len(same.text) + len(said.text) >= ALL_TEXTS:
            raise ContentError({"text": "您对这一版已经提了很多，请等核实结果"})
        same.text = f"{same.text}\n{said.text}"
    if due < same.due_at:
        same.kind, same.due_at = said.kind.value, due
    if (same.text, same.kind) != (before, kind):
        session.flush()
        record(session, actor, "correction_joined", f"correction:{same.id}", after=_told(same))
    return same


def _told(found: Correction) -> dict[str, str]:
    last = clock.local(found.due_at - timedelta(seconds=1)).date()
    return {"kind": KIND_NAMES[Kind(found.kind)], "due": last.isoformat()}


def _require_sound(session: Session, found: Correction, decision: Decision, reason: str) -> None:
    problems: dict[str, str] = {}
    if len(reason) > TEXT_LENGTH:
        problems["reason"] = f"说明最多 {TEXT_LENGTH} 字，请缩短"
    match decision.state:
        case State.OPEN:
            problems["state"] = "请选择采纳、不采纳或重复"
        case State.DECLINED if not reason:
            problems["reason"] = "不采纳要写明理由，提出的人会看到"
        case State.ADOPTED if not _is_mended(found):
            problems["state"] = "采纳前请先发布改好的版本，或下架这一条；发布后回到这里点“采纳”"
        case State.DUPLICATE if not _is_other(session, found, decision.duplicate_of):
            problems["duplicate_of"] = "请选择同一条目的另一条纠错"
    if problems:
        raise ContentError(problems)


def _is_mended(found: Correction) -> bool:
    """Tell whether a later version serves, or none any more."""
    published = found.entry.published
    return published is None or published.number > found.version.number


def _is_other(session: Session, found: Correction, number: int | None) -> bool:
    other = session.get(Correction, number) if number is not None else None
    return (
        other is not None
        and other.id != found.id
        and other.entry_id == found.entry_id
        and other.state != State.DUPLICATE
    )
