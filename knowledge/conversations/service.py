"""Open conversations, keep their messages, give out turns."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.actors import CITIZEN
from knowledge.audit.service import record
from knowledge.conversations.models import Conversation, Message
from knowledge.errors import NotFoundError


class Sender(StrEnum):
    """Who wrote a message."""

    CITIZEN = "citizen"
    BOT = "bot"


@dataclass(frozen=True)
class Draft:
    """A message before it is stored."""

    sender: Sender
    text: str
    decision: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None


def open_conversation(session: Session, channel: str) -> tuple[str, str]:
    """Begin a conversation.

    Returns:
        Its id, and the token that its owner must show (not stored in clear).
    """
    conversation_id, token = secrets.token_hex(16), secrets.token_urlsafe(32)
    session.add(
        Conversation(
            id=conversation_id,
            token_hash=_digest(token),
            channel=channel,
            created_at=clock.now(),
        )
    )
    return conversation_id, token


def require_owner(session: Session, conversation_id: str, token: str) -> Conversation:
    """Return the conversation if `token` is its own.

    Raises:
        NotFoundError: no such conversation, or another's: the answer is the same.
    """
    conversation = session.get(Conversation, conversation_id)
    stored = conversation.token_hash if conversation else _digest("")
    if not hmac.compare_digest(stored, _digest(token)) or conversation is None:
        raise NotFoundError("没有这个对话，或者它不属于您；请重新开始一个对话")
    return conversation


def add_message(
    session: Session, conversation_id: str, draft: Draft, reply_to: int | None = None
) -> Message:
    """Store a message."""
    message = Message(
        conversation_id=conversation_id,
        sender=draft.sender.value,
        text=draft.text,
        decision=draft.decision,
        payload=draft.payload,
        client_id=draft.client_id,
        reply_to=reply_to,
        at=clock.now(),
    )
    session.add(message)
    session.flush()
    return message


def messages_after(
    session: Session, conversation_id: str, after: int = 0, limit: int = 200
) -> Sequence[Message]:
    """Return the first `limit` messages with an id above `after`, oldest first."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def message_sent_as(session: Session, conversation_id: str, client_id: str) -> Message | None:
    """Return the message that the page already sent under this id of its own."""
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.client_id == client_id
        )
    )


def replies_to(session: Session, message_id: int) -> Sequence[Message]:
    """Return the bot's replies to a message."""
    return session.scalars(
        select(Message).where(Message.reply_to == message_id).order_by(Message.id)
    ).all()


def last_replies(session: Session, conversation_id: str) -> Sequence[Message]:
    """Return the bot's messages of its last turn, oldest first; none that it told unasked."""
    last = session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.sender == Sender.BOT.value,
            Message.reply_to.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if last is None:
        return ()
    return replies_to(session, last.reply_to) if last.reply_to is not None else ()


def take_turn(session: Session, conversation_id: str, holder: str, lasts: timedelta) -> bool:
    """Take the conversation's turn if nobody holds it (a killed holder's turn lapses)."""
    instant = clock.now()
    taken = session.execute(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            or_(Conversation.turn_holder.is_(None), Conversation.turn_until < instant),
        )
        .values(turn_holder=holder, turn_until=instant + lasts)
        .returning(Conversation.id)
    ).first()
    return taken is not None


def end_turn(session: Session, conversation_id: str, holder: str) -> None:
    """Give the turn back, if it is still the holder's."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.turn_holder == holder)
        .values(turn_holder=None, turn_until=None)
    )


def erase(session: Session, conversation_id: str) -> None:
    """Delete a conversation's messages: the citizen asked for it."""
    session.execute(
        update(Message).where(Message.conversation_id == conversation_id).values(reply_to=None)
    )
    session.execute(delete(Message).where(Message.conversation_id == conversation_id))
    record(session, CITIZEN, "conversation_erased", f"conversation:{conversation_id}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
