"""Full-text search in the list of entries: question, phrasings, answer, basis, code."""

from sqlalchemy import (
    ColumnElement,
    Select,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from knowledge.entries.grams import phrases
from knowledge.entries.models import EntryListing, EntryText

WORDS = 8
_INDEX = table("entry_grams", column("rowid"))


def mentions(session: Session, wanted: str) -> ColumnElement[bool]:
    """Return that an entry mentions each word of `wanted` (the first eight of them)."""
    words = phrases(wanted)[:WORDS]
    if not words:
        return false()
    if session.get_bind().dialect.name == "sqlite":
        return EntryListing.entry_id.in_(_in_sqlite(words))
    return EntryListing.entry_id.in_(_in_postgresql(words))


def _in_sqlite(words: list[str]) -> Select[int]:
    """Ask FTS5 for phrases (no gram holds a quote); a character alone begins a gram."""
    asked = " AND ".join(f'"{word}"' + ("" if len(word) > 1 else " *") for word in words)
    match = text("entry_grams MATCH :asked").bindparams(asked=asked)
    return select(_INDEX.c.rowid).select_from(_INDEX).where(match)


def _in_postgresql(words: list[str]) -> Select[int]:
    """Ask the inverted index for the grams, and the text for their order.

    A single character is the beginning of a gram: the texts are read for it.
    """
    query = select(EntryText.entry_id)
    for word in words:
        if len(word) > 1:
            cut = func.string_to_array(EntryText.grams, literal_column("' '"))
            query = query.where(cut.op("@>", is_comparison=True)(array(word.split(" "))))
        there = func.concat(literal_column("' '"), EntryText.grams)
        query = query.where(there.contains(f" {word}", autoescape=True))
    return query
