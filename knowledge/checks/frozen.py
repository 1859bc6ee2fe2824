"""The frozen questions: what every publication is tried on, filled from a batch hit test."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.checks.lists import require_manager
from knowledge.checks.models import FrozenQuestion
from knowledge.entries.content import phrasing_key
from knowledge.errors import ConflictError
from knowledge.evaluation.history import evaluation, results_of
from knowledge.people.actor import Actor
from knowledge.queries.models import Query

MOST = 20_000
LOGGED_DAYS = 90
LOGGED = 5_000
SUBJECT = "checks:frozen"


@dataclass(frozen=True)
class Question:
    """A question and the codes of what answers it; None where nobody said what does."""

    text: str
    expected: frozenset[str] | None


def freeze(session: Session, actor: Actor, evaluation_id: int) -> int:
    """Add the questions of a batch hit test; one that is there already is renewed.

    Returns:
        How many questions it brought.

    Raises:
        NotAllowedError, NotFoundError
        ConflictError: the hit test is not complete, or there would be too many questions.
    """
    require_manager(actor)
    found = evaluation(session, actor, evaluation_id)
    fresh = {}
    for result in results_of(found):
        expected = sorted({one.code for one in (*result.expected, *result.also_ok)})
        if phrasing_key(result.text):
            fresh[form_of(result.text)] = (result.text, expected)
    forms = list(fresh)
    held = {
        row.form: row
        for start in range(0, len(forms), 500)
        for row in session.scalars(
            select(FrozenQuestion).where(FrozenQuestion.form.in_(forms[start : start + 500]))
        )
    }
    before = count(session)
    if before + len(fresh) - len(held) > MOST:
        raise ConflictError(f"必测题最多 {MOST:,} 道，现有 {before:,} 道，请先清空再加入")
    for form, (text, expected) in fresh.items():
        row = held.get(form) or FrozenQuestion(form=form)
        row.text, row.expected, row.source = text, expected, found.name
        row.added_at, row.added_by = clock.now(), actor.name
        session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("别人正在加入必测题，请过一会儿再试") from error
    after = {"evaluation": found.name, "questions": len(fresh)}
    record(session, actor, "frozen_questions_added", SUBJECT, after=after)
    return len(fresh)


def clear(session: Session, actor: Actor) -> int:
    """Take all frozen questions away; returns how many there were.

    Raises:
        NotAllowedError
    """
    require_manager(actor)
    before = count(session)
    session.execute(delete(FrozenQuestion))
    record(session, actor, "frozen_questions_cleared", SUBJECT, before={"questions": before})
    return before


def count(session: Session) -> int:
    """Return how many frozen questions there are."""
    return session.scalar(select(func.count()).select_from(FrozenQuestion)) or 0


def sources(session: Session) -> Sequence[tuple[str, int]]:
    """Return from which hit tests the questions came, and how many of each."""
    query = select(FrozenQuestion.source, func.count()).group_by(FrozenQuestion.source)
    return [(name, number) for name, number in session.execute(query.order_by(func.count().desc()))]


def questions(session: Session) -> list[Question]:
    """Return the frozen questions, and what citizens asked lately, each wording once.

    Of the latter nobody said what is right: they are compared without a verdict.
    """
    rows = session.execute(select(FrozenQuestion.text, FrozenQuestion.expected))
    found = {row.text: Question(row.text, frozenset(row.expected)) for row in rows}
    since = clock.now() - timedelta(days=LOGGED_DAYS)
    asked = session.execute(
        select(Query.text, func.count())
        .where(Query.at > since, Query.entry_id.is_not(None))
        .group_by(Query.text)
        .order_by(func.count().desc(), Query.text)
        .limit(LOGGED)
    )
    for text, _ in asked:
        found.setdefault(text, Question(text, None))
    return list(found.values())


def form_of(text: str) -> str:
    """Return by what a question is known, 64 hexadecimal digits."""
    return hashlib.sha256(phrasing_key(text).encode()).hexdigest()
