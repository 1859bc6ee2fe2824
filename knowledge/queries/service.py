"""Log questions, and find those most asked."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.entries.cards import featured
from knowledge.entries.models import Entry
from knowledge.queries.models import Query
from knowledge.search.result import SearchResult


def log_query(session: Session, channel: str, text: str, result: SearchResult) -> Query:
    """Note a question (already free of personal data) and its outcome; returns the row."""
    best = result.hits[0] if result.hits else None
    query = Query(
        at=clock.now(),
        channel=channel,
        text=text,
        decision=result.decision.value,
        entry_id=best.entry_id if best else None,
        score=best.score if best else None,
        took_ms=result.took_ms,
    )
    session.add(query)
    session.flush()
    return query


def most_asked(session: Session, limit: int, days: int = 30) -> list[int]:
    """Return ids of published entries by how often they answered lately.

    What editors marked as frequent fills up a young base.
    """
    counted = session.scalars(
        select(Query.entry_id)
        .join(Entry, Entry.id == Query.entry_id)
        .where(
            Query.decision == "answer",
            Query.at > clock.now() - timedelta(days=days),
            Entry.published_version_id.is_not(None),
        )
        .group_by(Query.entry_id)
        .having(func.count() >= 3)
        .order_by(func.count().desc(), Query.entry_id)
        .limit(limit)
    )
    found = [entry_id for entry_id in counted if entry_id is not None]
    found += [entry_id for entry_id in featured(session, limit) if entry_id not in found]
    return found[:limit]
