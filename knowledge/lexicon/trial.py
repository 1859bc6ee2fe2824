"""A change of the lexicon, tried on a question before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from embeddings.index import Decision
from knowledge.errors import ContentError
from knowledge.lexicon.models import Kind
from knowledge.lexicon.service import lexicon_with
from knowledge.search.result import SearchHit, SearchResult
from knowledge.search.service import SearchService

SHOWN = 5
QUESTION_LENGTH = 200


@dataclass(frozen=True)
class Compared:
    """A hit after the change; `before` is its place in the list without it (from 1), if any."""

    hit: SearchHit
    place: int
    before: int | None


@dataclass(frozen=True)
class Trial:
    """What a question finds today and what it would find; `left` were there and would go."""

    question: str
    before: SearchResult
    after: SearchResult
    compared: tuple[Compared, ...]
    left: frozenset[int]

    @property
    def decisions(self) -> tuple[Decision, Decision]:
        """What would be done with the question: today, and after the change."""
        return self.before.decision, self.after.decision

    @property
    def same(self) -> bool:
        """Whether the change makes no difference to this question."""
        return self.decisions[0] is self.decisions[1] and self.before.hits == self.after.hits


def tried(
    session: Session,
    search: SearchService,
    question: str,
    kind: Kind,
    texts: Sequence[str],
    item_id: int | None = None,
) -> Trial:
    """Search `question` as things are, and as if the item had these terms; nothing is saved.

    Raises:
        ContentError: no question, one too long, or terms that could not be saved.
    """
    question = question.strip()
    if not 1 <= len(question) <= QUESTION_LENGTH:
        raise ContentError({"question": f"请写一个市民会问的问题（{QUESTION_LENGTH} 字以内）"})
    changed = lexicon_with(session, kind, texts, item_id)
    before = search.search(question, SHOWN)
    after = search.preview(question, changed, SHOWN)
    places = {hit.entry_id: at for at, hit in enumerate(before.hits, start=1)}
    compared = tuple(
        Compared(hit, at, places.get(hit.entry_id)) for at, hit in enumerate(after.hits, start=1)
    )
    stayed = {hit.entry_id for hit in after.hits}
    return Trial(question, before, after, compared, frozenset(places.keys() - stayed))
