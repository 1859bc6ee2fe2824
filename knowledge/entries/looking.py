"""Full-text search in the list of entries: question, phrasings, answer, basis, code."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, column, false, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from knowledge.entries.grams import phrases
from knowledge.entries.models import EntryListing

WORDS = 8
_INDEX = table("entry_grams", column("rowid"), column("entry_grams"))
_ARRAY = literal_column("string_to_array(entry_listing.grams, ' ')")


def mentions(session: Session, wanted: str) -> Iterator[ColumnElement[bool]]:
    """Yield what makes an entry mention each word of `wanted` (the first eight of them)."""
    words = phrases(wanted)[:WORDS]
    if not words:
        yield false()
    elif session.get_bind().dialect.name == "sqlite":
        yield _in_sqlite(words)
    else:
        for word in words:
            yield from _in_postgresql(word)


def _in_sqlite(words: list[str]) -> ColumnElement[bool]:
    """Ask FTS5 for phrases; a single character is the beginning of a gram. No gram holds a quote."""
    asked = " AND ".join(f'"{word}"' + ("" if len(word) > 1 else " *") for word in words)
    match = text("entry_grams MATCH :asked").bindparams(asked=asked)
    return EntryListing.entry_id.in_(select(_INDEX.c.rowid).select_from(_INDEX).where(match))


def _in_postgresql(word: str) -> Iterator[ColumnElement[bool]]:
    """Ask the inverted index for the grams, and the text for their order.

    A single character stands in no gram of its own but at a text's end: it is looked for.
    """
    if len(word) > 1:
        yield _ARRAY.op("@>", is_comparison=True)(array(word.split(" ")))
    yield func.concat(" ", EntryListing.grams).contains(f" {word}", autoescape=True)
