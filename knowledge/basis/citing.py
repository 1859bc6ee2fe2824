"""Entries that cite a document: in their legal basis, answer, spoken answer or issuing body."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.basis.documents import Document
from knowledge.basis.writing import mapped, plain
from knowledge.departments.models import Department
from knowledge.entries.lists import State, state_of
from knowledge.entries.models import Entry, EntryVersion

FIELDS = {
    "legal_basis": "办理依据",
    "answer": "答案",
    "spoken_answer": "口播答案",
    "issuing_body": "发文单位",
}
AROUND = 30  # characters shown before and after a place
PLACES = 3  # shown of each field
PORTION = 1000

Piece = tuple[str, bool]


@dataclass(frozen=True)
class Place:
    """A passage that cites: pieces of the text, each with whether it is the citation."""

    field: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Citing:
    """A published entry and where it cites one of the documents."""

    entry_id: int
    code: str
    question: str
    department_id: int
    category_id: int
    department: str
    state: State
    places: tuple[Place, ...]


def citing(session: Session, wanted: Sequence[Document]) -> list[Citing]:
    """Return the published entries that cite one of the documents, by department.

    The texts of all of them are read: some thousands a second.
    """
    rows = session.execute(
        select(
            Entry.id,
            *(getattr(EntryVersion, name) for name in FIELDS),
        )
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .execution_options(yield_per=PORTION)
    )
    hits = {
        row.id: [name for name in FIELDS if _cites(wanted, getattr(row, name))]
        for row in rows
        if any(_cites(wanted, getattr(row, name)) for name in FIELDS)
    }
    return _shown(session, wanted, hits)


def _cites(wanted: Sequence[Document], text: str) -> bool:
    if not text:
        return False
    formed = plain(text)
    return any(next(one.places(formed), None) is not None for one in wanted)


def _shown(
    session: Session, wanted: Sequence[Document], hits: dict[int, list[str]]
) -> list[Citing]:
    found = []
    ids = list(hits)
    for start in range(0, len(ids), PORTION // 2):
        rows = session.execute(
            select(Entry, EntryVersion, Department)
            .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
            .join(Department, Department.id == Entry.department_id)
            .where(Entry.id.in_(ids[start : start + PORTION // 2]))
        )
        for entry, version, department in rows:
            places = [
                Place(FIELDS[name], pieces)
                for name in hits[entry.id]
                for pieces in passages(getattr(version, name), wanted)
            ]
            order = (department.position, department.id, entry.id)
            found.append((order, _citing(entry, version, department, places)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _citing(
    entry: Entry, version: EntryVersion, department: Department, places: list[Place]
) -> Citing:
    return Citing(
        entry_id=entry.id,
        code=entry.code,
        question=version.standard_question,
        department_id=department.id,
        category_id=version.category_id,
        department=department.name,
        state=state_of(version, None, False),
        places=tuple(places),
    )


def passages(text: str, wanted: Sequence[Document]) -> list[tuple[Piece, ...]]:
    """Return the first passages of a text that cite, cut around the citation."""
    formed, where = mapped(text)
    spans = sorted({span for one in wanted for span in one.places(formed)})
    found: list[tuple[Piece, ...]] = []
    last = -1
    for start, end in spans:
        if start < last or len(found) == PLACES:
            continue
        last = end
        left, right = where[start], where[end - 1] + 1
        before = text[max(0, left - AROUND) : left]
        after = text[right : right + AROUND]
        found.append(
            (
                ("…" + before if left > AROUND else before, False),
                (text[left:right], True),
                (after + "…" if right + AROUND < len(text) else after, False),
            )
        )
    return found
