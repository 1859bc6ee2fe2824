"""What is shown of published entries, and what the index is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from embeddings.index import Document
from knowledge import clock
from knowledge.categories.service import leaf_paths
from knowledge.entries.content import Window, window
from knowledge.entries.models import Entry, EntryVersion

PORTION = 500


@dataclass(frozen=True)
class Card:
    """A published entry as citizens and operators see it."""

    entry_id: int
    code: str
    version_id: int
    question: str
    answer: str
    spoken_answer: str
    department: str
    department_phone: str | None
    category: str
    issuing_body: str
    legal_basis: str
    region: str
    audience: tuple[str, ...]
    valid_until: date | None
    updated_at: datetime
    materials: tuple[str, ...]
    steps: tuple[str, ...]
    fees: str
    time_limit: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Searchable:
    """A published entry as the index needs it."""

    document: Document
    window: Window


def cards(session: Session, entry_ids: Sequence[int]) -> dict[int, Card]:
    """Return the cards of those entries that are in service at this instant."""
    if not entry_ids:
        return {}
    rows = session.scalars(
        select(Entry)
        .join(Entry.published)
        .where(Entry.id.in_(entry_ids))
        .options(contains_eager(Entry.published), joinedload(Entry.department))
    ).all()
    paths = leaf_paths(session)
    instant = clock.now()
    return {
        entry.id: _card(entry, entry.published, paths)
        for entry in rows
        if entry.published is not None
        and window(entry.published.valid_from, entry.published.valid_until).holds(instant)
    }


def featured(session: Session, limit: int) -> list[int]:
    """Return the ids of published entries that editors want on the first screen."""
    return list(
        session.scalars(
            select(Entry.id)
            .where(Entry.featured, Entry.published_version_id.is_not(None))
            .order_by(Entry.id)
            .limit(limit)
        )
    )


def searchable(session: Session, entry_ids: Sequence[int] | None = None) -> Iterator[Searchable]:
    """Yield published entries (all, or those of `entry_ids`), valid now or not."""
    query = (
        select(Entry.id, EntryVersion)
        .join(Entry.published)
        .options(selectinload(EntryVersion.phrasings))
        .order_by(Entry.id)
    )
    if entry_ids is not None:
        query = query.where(Entry.id.in_(entry_ids))
    for entry_id, version in session.execute(query.execution_options(yield_per=PORTION)):
        similar = [phrasing.text for phrasing in version.phrasings if not phrasing.negative]
        document = Document(
            id=entry_id,
            phrasings=(version.standard_question, *similar),
            negatives=tuple(p.text for p in version.phrasings if p.negative),
            answer=version.answer,
        )
        yield Searchable(document, window(version.valid_from, version.valid_until))


def _card(entry: Entry, version: EntryVersion, paths: dict[int, str]) -> Card:
    return Card(
        entry_id=entry.id,
        code=entry.code,
        version_id=version.id,
        question=version.standard_question,
        answer=version.answer,
        spoken_answer=version.spoken_answer,
        department=entry.department.name,
        department_phone=entry.department.phone,
        category=paths.get(version.category_id, ""),
        issuing_body=version.issuing_body,
        legal_basis=version.legal_basis,
        region=version.region,
        audience=tuple(version.audience),
        valid_until=version.valid_until,
        updated_at=version.published_at or version.created_at,
        materials=tuple(version.materials),
        steps=tuple(version.steps),
        fees=version.fees,
        time_limit=version.time_limit,
        places=tuple(version.places),
    )
