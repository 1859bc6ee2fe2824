"""The entries of the base as rows for a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from knowledge.categories.service import leaf_paths
from knowledge.departments.service import departments
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.versions import content_of
from knowledge.exchange.cells import DRAFT, PUBLISHED
from knowledge.exchange.holdings import entries

PORTION = 500

Record = dict[str, Any]


def count(session: Session, department_id: int | None, state: str | None) -> int:
    """Return how many rows `records` yields."""
    query = _wanted(select(func.count()).select_from(Entry), department_id, state)
    return session.scalar(query) or 0


def records(session: Session, department_id: int | None, state: str | None) -> Iterator[Record]:
    """Yield each entry by column name: the published version, else the draft.

    Values are texts, tuples of texts, days, and truth values; `state` is 发布 or 草稿.
    """
    query = _wanted(select(Entry), department_id, state).order_by(Entry.id)
    query = query.options(
        selectinload(Entry.published).selectinload(EntryVersion.phrasings),
        selectinload(Entry.draft).selectinload(EntryVersion.phrasings),
    )
    yield from _records(session, session.scalars(query.execution_options(yield_per=PORTION)))


def records_of(session: Session, ids: Sequence[int]) -> Iterator[Record]:
    """Yield the entries with these ids as `records` does, in their order."""
    portions = (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))
    found = (entry for portion in portions for entry in entries(session, portion).values())
    yield from _records(session, found)


def _records(session: Session, found: Iterable[Entry]) -> Iterator[Record]:
    paths = leaf_paths(session)
    names = {one.id: one.name for one in departments(session, closed=True)}
    for entry in found:
        version = entry.published or entry.draft
        if version is not None:
            yield _record(entry, version, names[entry.department_id], paths)


def _wanted(query: Select[Any], department_id: int | None, state: str | None) -> Select[Any]:
    query = query.where(
        Entry.published_version_id.is_not(None) | Entry.draft_version_id.is_not(None)
    )
    if department_id is not None:
        query = query.where(Entry.department_id == department_id)
    if state == PUBLISHED:
        query = query.where(Entry.published_version_id.is_not(None))
    if state == DRAFT:
        query = query.where(Entry.published_version_id.is_(None))
    return query


def _record(entry: Entry, version: EntryVersion, department: str, paths: dict[int, str]) -> Record:
    content = content_of(version)
    return {
        "code": entry.code,
        "standard_question": content.standard_question,
        "similar_questions": content.similar_questions,
        "negative_questions": content.negative_questions,
        "answer": content.answer,
        "spoken_answer": content.spoken_answer,
        "department": department,
        "category": paths.get(content.category_id, ""),
        "issuing_body": content.issuing_body,
        "legal_basis": content.legal_basis,
        "region": content.region,
        "audience": content.audience,
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "materials": content.materials,
        "steps": content.steps,
        "fees": content.fees,
        "time_limit": content.time_limit,
        "places": content.places,
        "keywords": content.keywords,
        "state": PUBLISHED if entry.published is not None else DRAFT,
        "featured": entry.featured,
    }
