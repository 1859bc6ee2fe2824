"""Take what citizens say of an answer."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.actors import CITIZEN
from knowledge.audit.service import record
from knowledge.conversations.models import Message
from knowledge.errors import NotFoundError
from knowledge.feedback.models import Feedback
from knowledge.privacy.redaction import redact


class Reason(StrEnum):
    """Why an answer was of no use."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    OFF_TOPIC = "off_topic"


@dataclass(frozen=True)
class Verdict:
    """What a citizen says of the answer in a message."""

    useful: bool
    reason: Reason | None = None
    comment: str = ""


def rate(session: Session, conversation_id: str, message_id: int, verdict: Verdict) -> None:
    """Keep the verdict; a later one on the same message takes its place.

    Raises:
        NotFoundError: no answer with this id in this conversation.
    """
    message = session.get(Message, message_id)
    answered = message.payload.get("answered") if message else None
    if message is None or message.conversation_id != conversation_id or not answered:
        raise NotFoundError("没有找到您要评价的回答")
    row = session.scalar(select(Feedback).where(Feedback.message_id == message_id))
    if row is None:
        row = Feedback(
            message_id=message_id,
            entry_id=answered["entry_id"],
            version_id=answered["version_id"],
        )
        session.add(row)
    row.useful = verdict.useful
    row.reason = verdict.reason.value if verdict.reason else None
    row.comment = redact(verdict.comment.strip()).text
    row.at = clock.now()
    after = {"version_id": row.version_id, "useful": row.useful, "reason": row.reason}
    record(session, CITIZEN, "feedback_given", f"entry:{row.entry_id}", after=after)
