"""The list that comes with the system: the first one of a base, never put over another."""

from pathlib import Path

from sqlalchemy import select, update

from embeddings.text.lexicon import Lexicon
from knowledge.database import Database
from knowledge.lexicon.exchange import put_in
from knowledge.lexicon.models import LexiconHead
from knowledge.lexicon.service import revision
from knowledge.lexicon.text_file import as_lexicon, read
from knowledge.people.actor import Actor

FILE = Path(__file__).parent / "shipped.txt"


def shipped() -> Lexicon:
    """Return the shipped list."""
    return as_lexicon(read(FILE))


def load_shipped(database: Database, actor: Actor) -> int:
    """Put the shipped list into a base whose lexicon was never touched; returns how many items.

    Once something was there, also if it was deleted since, staff decide.
    """
    with database.read() as session:
        if revision(session) > 0:
            return 0
    lines = read(FILE)
    with database.write() as session:
        untouched = (
            session.scalars(select(LexiconHead.revision).with_for_update()).one() == 0
        )  # another process may have been faster
        if not untouched:
            return 0
        put_in(session, actor, lines)
        session.execute(update(LexiconHead).values(revision=1))
    return len(lines)
