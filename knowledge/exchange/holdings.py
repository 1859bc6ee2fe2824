"""The entries that the base holds already, read a few at a time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from knowledge.entries.content import phrasing_key
from knowledge.entries.models import Entry, EntryVersion

PORTION = 500


@dataclass(frozen=True)
class Holding:
    """An entry in brief; `keys` are those of its published and its draft question."""

    entry_id: int
    code: str
    department_id: int
    keys: frozenset[str]


class Holdings:
    """All entries in brief, by code and by question."""

    def __init__(self, session: Session) -> None:
        """Read them from the base."""
        published, draft = aliased(EntryVersion), aliased(EntryVersion)
        rows = session.execute(
            select(
                Entry.id,
                Entry.code,
                Entry.department_id,
                published.standard_question,
                draft.standard_question,
            )
            .outerjoin(published, published.id == Entry.published_version_id)
            .outerjoin(draft, draft.id == Entry.draft_version_id)
            .order_by(Entry.id)
        )
        self.by_code: dict[str, Holding] = {}
        self.by_key: dict[str, list[Holding]] = defaultdict(list)
        for entry_id, code, department_id, *questions in rows:
            keys = frozenset(phrasing_key(question) for question in questions if question)
            holding = Holding(entry_id, code, department_id, keys)
            self.by_code[code] = holding
            for key in keys:
                self.by_key[key].append(holding)

    def asking(self, key: str, department_id: int) -> list[Holding]:
        """Return the department's entries that ask this question."""
        return [one for one in self.by_key.get(key, []) if one.department_id == department_id]


def entries(session: Session, ids: Iterable[int]) -> dict[int, Entry]:
    """Return whole entries by id: both versions with their phrasings."""
    wanted = list(ids)
    found: dict[int, Entry] = {}
    for start in range(0, len(wanted), PORTION):
        query = (
            select(Entry)
            .where(Entry.id.in_(wanted[start : start + PORTION]))
            .options(
                selectinload(Entry.published).selectinload(EntryVersion.phrasings),
                selectinload(Entry.draft).selectinload(EntryVersion.phrasings),
                selectinload(Entry.draft).selectinload(EntryVersion.authors),
            )
        )
        found |= {entry.id: entry for entry in session.scalars(query)}
    return found
