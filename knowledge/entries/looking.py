"""Full-text search in the list of entries: question, phrasings, answer, basis, code."""

from typing import Any

from sqlalchemy import (
    Select,
    Text,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from knowledge.entries.grams import phrases
from knowledge.entries.models import EntryListing, EntryText

WORDS = 8
_INDEX = table("entry_grams", column("rowid"))


def mentioning(session: Session, query: Select[Any], wanted: str) -> Select[Any]:
    """Narrow a query of listed entries to those that mention each word of `wanted`.

    The first eight words count; text without any finds nothing.
    """
    words = phrases(wanted)[:WORDS]
    if not words:
        return query.where(false())
    if session.get_bind().dialect.name == "sqlite":
        found = query.join(_INDEX, _INDEX.c.rowid == EntryListing.entry_id)
        return found.where(text("entry_grams MATCH :asked").bindparams(asked=_asked(words)))
    return query.where(EntryListing.entry_id.in_(_in_postgresql(words)))


def _asked(words: list[str]) -> str:
    """Ask FTS5 for phrases (no gram holds a quote); a character alone begins a gram."""
    return " AND ".join(f'"{word}"' + ("" if len(word) > 1 else " *") for word in words)


def _in_postgresql(words: list[str]) -> Select[int]:
    """Ask the inverted index for the grams, and the text for their order.

    A single character is the beginning of a gram: the texts are read for it.
    """
    query = select(EntryText.entry_id)
    for word in words:
        if len(word) > 1:
            cut = func.string_to_array(EntryText.grams, literal_column("' '"))
            query = query.where(
                cut.op("@>", is_comparison=True)(cast(array(word.split(" ")), ARRAY(Text)))
            )
        there = func.concat(literal_column("' '"), EntryText.grams)
        query = query.where(there.contains(f" {word}", autoescape=True))
    return query
