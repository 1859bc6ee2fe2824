"""Gather the questions that were not answered from where they were kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from knowledge import clock
from knowledge.conversations.models import Conversation, Message
from knowledge.entries.content import phrasing_key
from knowledge.feedback.models import Feedback
from knowledge.gaps.models import GapHead, GapQuestion
from knowledge.notes.models import Note
from knowledge.outcomes.models import Outcome
from knowledge.outcomes.service import Kind, asker, question_behind
from knowledge.queries.models import Query

OVERLAP = 500  # rows read again: one with a lower id may have been committed later
PORTION = 2000
FEEDBACK_DAYS = 90


class Reason(StrEnum):
    """Why a question counts as not answered."""

    NO_ANSWER = "no_answer"
    OUT_OF_SCOPE = "out_of_scope"
    NONE_OF_THESE = "none_of_these"
    NOT_USEFUL = "not_useful"
    HANDOFF = "handoff"
    NOTE = "note"


REASON_NAMES = {
    Reason.NO_ANSWER: "没有答案",
    Reason.OUT_OF_SCOPE: "机器人当作题外话",
    Reason.NONE_OF_THESE: "列出的都不是",
    Reason.NOT_USEFUL: "评价没用",
    Reason.HANDOFF: "转了人工",
    Reason.NOTE: "留言",
}
UNANSWERED = (Kind.NO_ANSWER, Kind.OUT_OF_SCOPE, Kind.NONE_OF_THESE, Kind.HANDOFF)


@dataclass(frozen=True)
class Found:
    """A question that was not answered, and the row that says so."""

    source: str
    source_id: int
    at: datetime
    channel: str
    text: str
    reason: Reason
    asker: str | None = None


def collect(session: Session) -> int:
    """Take over what was added to the logs since; returns how many questions are new.

    The same words of one person on one day count once.
    """
    head = session.scalars(select(GapHead)).one()
    found = [
        *_from_outcomes(session, head),
        *_from_queries(session, head),
        *_from_feedback(session),
        *_from_notes(session),
    ]
    return _add(session, found)


def _from_outcomes(session: Session, head: GapHead) -> list[Found]:
    rows = session.scalars(
        select(Outcome)
        .where(
            Outcome.id > head.outcomes_to - OVERLAP,
            Outcome.kind.in_(UNANSWERED),
            ~_taken("outcome", Outcome.id),
        )
        .order_by(Outcome.id)
    ).all()
    head.outcomes_to = session.scalar(select(func.max(Outcome.id))) or 0
    return [
        Found("outcome", one.id, one.at, one.channel, one.text, Reason(one.kind), one.asker)
        for one in rows
    ]


def _from_queries(session: Session, head: GapHead) -> list[Found]:
    """Queries of which nothing else is known: asked over the API, or before outcomes were kept."""
    rows = session.scalars(
        select(Query)
        .where(
            Query.id > head.queries_to - OVERLAP,
            Query.decision == Reason.NO_ANSWER.value,
            ~exists().where(Outcome.query_id == Query.id),
            ~_taken("query", Query.id),
        )
        .order_by(Query.id)
    ).all()
    head.queries_to = session.scalar(select(func.max(Query.id))) or 0
    return [Found("query", one.id, one.at, one.channel, one.text, Reason.NO_ANSWER) for one in rows]


def _from_feedback(session: Session) -> list[Found]:
    rows = session.execute(
        select(Feedback, Message, Conversation.channel)
        .join(Message, Message.id == Feedback.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            ~Feedback.useful,
            Feedback.at > clock.now() - timedelta(days=FEEDBACK_DAYS),
            ~_taken("feedback", Feedback.id),
        )
    ).all()
    return [
        Found(
            "feedback", verdict.id, verdict.at, channel, question_behind(session, message),
            Reason.NOT_USEFUL, asker(message.conversation_id, verdict.at),
        )
        for verdict, message, channel in rows
    ]  # fmt: skip


def _from_notes(session: Session) -> list[Found]:
    rows = session.execute(
        select(Note, Conversation.channel)
        .join(Conversation, Conversation.id == Note.conversation_id)
        .where(~_taken("note", Note.id))
    ).all()
    return [
        Found(
            "note", note.id, note.created_at, channel, note.text,
            Reason.NOTE, asker(note.conversation_id, note.created_at),
        )
        for note, channel in rows
    ]  # fmt: skip


def _taken(source: str, column: Any) -> ColumnElement[bool]:
    taken = aliased(GapQuestion)
    return exists().where(taken.source == source, taken.source_id == column)


def _add(session: Session, found: Iterable[Found]) -> int:
    wanted = [one for one in found if phrasing_key(one.text)]
    known = _known(session, {one.asker for one in wanted if one.asker})
    added = 0
    for one in wanted:
        if one.asker is not None:
            said = (one.asker, phrasing_key(one.text))
            if said in known:
                continue
            known.add(said)
        session.add(
            GapQuestion(
                at=one.at, channel=one.channel, text=one.text, reason=one.reason.value,
                asker=one.asker, source=one.source, source_id=one.source_id,
            )
        )  # fmt: skip
        added += 1
    session.flush()
    return added


def _known(session: Session, askers: set[str]) -> set[tuple[str, str]]:
    wanted: Sequence[str] = sorted(askers)
    known: set[tuple[str, str]] = set()
    for start in range(0, len(wanted), PORTION):
        rows = session.execute(
            select(GapQuestion.asker, GapQuestion.text).where(
                GapQuestion.asker.in_(wanted[start : start + PORTION])
            )
        )
        known |= {(row.asker or "", phrasing_key(row.text)) for row in rows}
    return known


def claim(session: Session, holder: str, lasts: timedelta) -> bool:
    """Take the right to group, or keep it; False while another process holds it.

    The claim of a process that was killed lapses.
    """
    instant = clock.now()
    taken = session.execute(
        update(GapHead)
        .where(
            (GapHead.holder.is_(None)) | (GapHead.holder == holder) | (GapHead.held_until < instant)
        )
        .values(holder=holder, held_until=instant + lasts)
        .returning(GapHead.id)
    ).first()
    return taken is not None


def release(session: Session, holder: str) -> None:
    """Give the right to group back."""
    session.execute(
        update(GapHead)
        .where(GapHead.holder == holder)
        .values(holder=None, held_until=None, ran_at=clock.now())
    )
