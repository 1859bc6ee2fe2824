"""Keeps `entry_listing` and `entry_texts` in step with the entries, in the same transaction.

Whatever a session wrote of entries, versions and phrasings is noted, when it is flushed or
written in bulk (`knowledge.database.bulk`), and the rows of those entries are made anew just
before it commits; nobody has to think of it. The full-text index hangs on `entry_texts` and is
kept by the database itself (see the migration).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, event, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from knowledge.database import Base
from knowledge.database.bulk import on_bulk
from knowledge.entries.grams import grams
from knowledge.entries.models import Entry, EntryListing, EntryText, EntryVersion, Phrasing

STALE = "entry_listing_stale"
PORTION = 500
TEXTS = ("standard_question", "answer", "legal_basis")


def rebuild(session: Session) -> int:
    """Make all rows anew; returns how many entries there are."""
    ids = session.scalars(select(Entry.id).order_by(Entry.id)).all()
    _refresh(session, ids)
    return len(ids)


def behind(session: Session) -> int:
    """Return how many entries have no row, or that of an older state; costs one query."""
    query = (
        select(func.count())
        .select_from(Entry)
        .outerjoin(EntryListing, EntryListing.entry_id == Entry.id)
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .where(
            or_(
                EntryListing.entry_id.is_(None),
                EntryText.entry_id.is_(None),
                EntryListing.department_id != Entry.department_id,
                EntryListing.updated_at != Entry.updated_at,
                EntryListing.draft_id.is_distinct_from(Entry.draft_version_id),
                EntryListing.served != Entry.published_version_id.is_not(None),
            )
        )
    )
    return session.scalar(query) or 0


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: Any) -> None:
    stale, versions = _noted(session)
    for one in (*session.new, *session.dirty, *session.deleted):
        if isinstance(one, Entry):
            stale.add(one.id)
        elif isinstance(one, EntryVersion):
            stale.add(one.entry_id)
        elif isinstance(one, Phrasing):
            versions.add(one.version_id)


@on_bulk
def _note_bulk(session: Session, model: type[Base], ids: Iterable[int]) -> None:
    stale, versions = _noted(session)
    if model is Entry:
        stale.update(ids)
    elif model is EntryVersion:
        versions.update(ids)


def _noted(session: Session) -> tuple[set[int], set[int]]:
    """Return the ids of entries, and of versions, that were written; they can be added to."""
    noted: tuple[set[int], set[int]] = session.info.setdefault(STALE, (set(), set()))
    return noted


# First of those who wait for the commit: the audit log takes its lock as the last.
@event.listens_for(Session, "before_commit", insert=True)
def _settle(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    stale, versions = _noted(session)
    _forget(session)
    for portion in _portions(sorted(versions)):
        query = select(EntryVersion.entry_id).where(EntryVersion.id.in_(portion))
        stale.update(session.scalars(query))
    _refresh(session, sorted(stale))


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(STALE, None)


def _refresh(session: Session, entry_ids: Sequence[int]) -> None:
    for portion in _portions(entry_ids):
        rows = _rows(session, portion)
        _write(session, EntryListing, [row for row, _ in rows])
        texts = [{"entry_id": row["entry_id"], "grams": said} for row, said in rows]
        _write(session, EntryText, texts)


def _write(
    session: Session, model: type[EntryListing] | type[EntryText], rows: Sequence[dict[str, Any]]
) -> None:
    """Write the rows that are new or differ from what is there."""
    ids = [row["entry_id"] for row in rows]
    query = select(model.__table__).where(model.entry_id.in_(ids))
    there = {row["entry_id"]: dict(row) for row in session.execute(query).mappings()}
    new = [row for row in rows if row["entry_id"] not in there]
    changed = [row for row in rows if there.get(row["entry_id"], row) != row]
    if new:
        session.execute(insert(model), new)
    if changed:
        session.execute(update(model), changed)


def _rows(session: Session, entry_ids: Sequence[int]) -> list[tuple[dict[str, Any], str]]:
    published, draft = aliased(EntryVersion), aliased(EntryVersion)
    of_versions = [
        column.label(f"{which}_{column.key}")
        for which, version in (("p", published), ("d", draft))
        for column in (
            version.id,
            *(getattr(version, name) for name in TEXTS),
            version.category_id,
            version.valid_from,
            version.valid_until,
            version.step,
            version.step_due,
            version.notice,
            version.author_name,
            version.submitter_name,
        )
    ]
    query = (
        select(
            Entry.id,
            Entry.code,
            Entry.department_id,
            Entry.withdrawn_at,
            Entry.archived_at,
            Entry.updated_at,
            *of_versions,
        )
        .outerjoin(published, published.id == Entry.published_version_id)
        .outerjoin(draft, draft.id == Entry.draft_version_id)
        .where(Entry.id.in_(entry_ids))
    )
    found = session.execute(query).mappings().all()
    said = _phrasings(session, [one[name] for one in found for name in ("p_id", "d_id")])
    return [_row(one, said) for one in found]


def _phrasings(session: Session, version_ids: Iterable[int | None]) -> dict[int, list[str]]:
    said: dict[int, list[str]] = {}
    for portion in _portions([one for one in version_ids if one is not None]):
        query = select(Phrasing.version_id, Phrasing.text).where(Phrasing.version_id.in_(portion))
        for version_id, text in session.execute(query.order_by(Phrasing.id)):
            said.setdefault(version_id, []).append(text)
    return said


def _row(one: RowMapping, said: dict[int, list[str]]) -> tuple[dict[str, Any], str]:
    shown = "d" if one["d_id"] is not None else "p"
    texts = dict.fromkeys([one["code"]])
    for which in ("p", "d"):
        texts |= dict.fromkeys(one[f"{which}_{name}"] or "" for name in TEXTS)
        texts |= dict.fromkeys(said.get(one[f"{which}_id"], ()))
    drafted = one["d_id"] is not None
    row = {
        "entry_id": one["id"],
        "code": one["code"],
        "department_id": one["department_id"],
        "category_id": one[f"{shown}_category_id"],
        "question": one[f"{shown}_standard_question"] or "（无内容）",
        "draft_id": one["d_id"],
        "step": (one["d_step"] or "writing") if drafted else None,
        "step_due": one["d_step_due"],
        "noticed": bool(one["d_notice"]),
        "holder": one["d_submitter_name"] or one["d_author_name"] or "",
        "served": one["p_id"] is not None,
        "withdrawn": one["withdrawn_at"] is not None,
        "archived": one["archived_at"] is not None,
        "valid_from": one["p_valid_from"],
        "valid_until": one["p_valid_until"],
        "shown_until": one[f"{shown}_valid_until"],
        "updated_at": one["updated_at"],
    }
    return row, grams("\n".join(texts))


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))
