"""Leave a note for the hotline; read, call back and close it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.actors import CITIZEN
from knowledge.audit.service import record
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.notes.models import Note
from knowledge.people.actor import Actor, Right
from knowledge.privacy.redaction import redact
from knowledge.privacy.sealing import Sealer

TEXT_LENGTH = 1000
CONTACT_LENGTH = 60


def leave(session: Session, sealer: Sealer, conversation_id: str, text: str, contact: str) -> Note:
    """Store a note.

    Raises:
        ContentError: no text, no way to call back, or one of them too long.
    """
    text, contact = text.strip(), contact.strip()
    problems: dict[str, str] = {}
    if not 1 <= len(text) <= TEXT_LENGTH:
        problems["text"] = f"请写下您的问题（{TEXT_LENGTH} 字以内）"
    if not 5 <= len(contact) <= CONTACT_LENGTH or sum(map(str.isdigit, contact)) < 5:
        problems["contact"] = "请留下能联系到您的电话号码"
    if problems:
        raise ContentError(problems)
    note = Note(
        conversation_id=conversation_id,
        text=redact(text).text,
        sealed_contact=sealer.seal(contact),
        created_at=clock.now(),
    )
    session.add(note)
    session.flush()
    record(session, CITIZEN, "note_left", f"note:{note.id}")
    return note


def notes(session: Session, actor: Actor, *, handled: bool, limit: int = 200) -> Sequence[Note]:
    """Return open notes, oldest first, or handled ones, newest first.

    Raises:
        NotAllowedError: the actor does not handle notes.
    """
    _require(actor)
    query = select(Note).limit(limit)
    if handled:
        query = query.where(Note.handled_at.is_not(None)).order_by(Note.handled_at.desc())
    else:
        query = query.where(Note.handled_at.is_(None)).order_by(Note.created_at)
    return session.scalars(query).all()


def waiting(session: Session) -> int:
    """Return how many notes nobody has handled."""
    query = select(func.count()).select_from(Note).where(Note.handled_at.is_(None))
    return session.scalar(query) or 0


def read_contact(session: Session, sealer: Sealer, actor: Actor, note_id: int) -> str:
    """Return a note's contact in clear; that it was read is kept in the audit log.

    Raises:
        NotAllowedError, NotFoundError, SealError
    """
    note = _note(session, actor, note_id)
    record(session, actor, "contact_read", f"note:{note.id}")
    return sealer.open(note.sealed_contact)


def close(session: Session, actor: Actor, note_id: int, outcome: str) -> None:
    """Note what was done, and close the note.

    Raises:
        NotAllowedError, NotFoundError
        ContentError: no outcome was given.
        ConflictError: somebody closed it already.
    """
    note = _note(session, actor, note_id)
    outcome = outcome.strip()
    if not 1 <= len(outcome) <= TEXT_LENGTH:
        raise ContentError({"outcome": "请写明处理结果"})
    if note.handled_at is not None:
        raise ConflictError(f"这条留言已由{note.handled_by}处理")
    note.handled_at, note.handled_by = clock.now(), actor.name
    note.outcome = redact(outcome).text
    record(session, actor, "note_closed", f"note:{note.id}", after={"outcome": note.outcome})


def _note(session: Session, actor: Actor, note_id: int) -> Note:
    _require(actor)
    note = session.get(Note, note_id)
    if note is None:
        raise NotFoundError("没有这条留言")
    return note


def _require(actor: Actor) -> None:
    if not actor.may(Right.HANDLE_NOTES):
        raise NotAllowedError("只有热线工作人员可以处理市民留言")
