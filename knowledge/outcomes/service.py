"""Keep how questions ended; find the question behind a message."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.conversations.models import Message
from knowledge.conversations.service import Sender
from knowledge.outcomes.models import Outcome

LOOKED_BACK = 40  # messages: an older list is not what “2” means


class Kind(StrEnum):
    """How a question ended."""

    NO_ANSWER = "no_answer"
    OUT_OF_SCOPE = "out_of_scope"  # the search found nothing, and Rasa took it for chatter
    CHOSEN = "chosen"
    NONE_OF_THESE = "none_of_these"
    HANDOFF = "handoff"


@dataclass(frozen=True)
class Asked:
    """A citizen's message in its conversation."""

    conversation_id: str
    channel: str
    message_id: int
    text: str


def keep(
    session: Session,
    asked: Asked,
    kind: Kind,
    query_id: int | None = None,
    entry_id: int | None = None,
) -> Outcome | None:
    """Note, in the caller's transaction, how a question ended.

    A choice, “none of these” and the wish for a person concern the question before; without
    one there is nothing to note.
    """
    text = asked.text
    offered: list[int] = []
    if kind in {Kind.CHOSEN, Kind.NONE_OF_THESE, Kind.HANDOFF}:
        before = _before(session, asked, kind, entry_id)
        if before is None:
            return None
        text = question_behind(session, before)
        offered = list(before.payload.get("option_ids", ()))
        if not text:
            return None
    instant = clock.now()
    kept = Outcome(
        at=instant,
        channel=asked.channel,
        kind=kind.value,
        text=text,
        entry_id=entry_id,
        offered=offered,
        query_id=query_id,
        message_id=asked.message_id,
        asker=asker(asked.conversation_id, instant),
    )
    session.add(kept)
    session.flush()
    return kept


def question_behind(session: Session, reply: Message) -> str:
    """Return the question that a bot's message answers, or "" if it is there no more."""
    if reply.payload.get("asked"):  # one of several questions in a message
        return str(reply.payload["asked"])
    if reply.reply_to is None:
        return ""
    traced = session.scalar(select(Outcome.text).where(Outcome.message_id == reply.reply_to))
    if traced:
        return traced
    return session.scalar(select(Message.text).where(Message.id == reply.reply_to)) or ""


def asker(conversation_id: str, at: datetime) -> str:
    """Return 16 hexadecimal digits that tell the conversations of one day apart."""
    digest = hashlib.sha256(f"{clock.local(at).date()}:{conversation_id}".encode())
    return digest.hexdigest()[:16]


def _before(session: Session, asked: Asked, kind: Kind, entry_id: int | None) -> Message | None:
    """Return the last reply before this message that is meant: of a choice, its list."""
    recent: Sequence[Message] = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == asked.conversation_id,
            Message.id < asked.message_id,
            Message.sender == Sender.BOT.value,
        )
        .order_by(Message.id.desc())
        .limit(LOOKED_BACK)
    ).all()
    if kind is Kind.HANDOFF:
        return next((one for one in recent if one.decision), None)
    lists = [one for one in recent if one.decision == "clarify"]
    holding = [one for one in lists if entry_id in one.payload.get("option_ids", ())]
    return next(iter(holding or lists), None)
