"""One search from beginning to end, over one state: a question, a story, several questions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from embeddings.encoders.interface import Vectors
from embeddings.index import asking
from embeddings.index import query as queries
from embeddings.index.building import Builder
from embeddings.index.ranking import NOTHING, Judgement
from embeddings.index.slips import meant_by, surer
from embeddings.index.state import State
from embeddings.index.types import SHOWN, Asked, Explanation, Ranking
from embeddings.index.wording import in_its_words
from embeddings.text.askings import is_long
from embeddings.text.lexicon import Lexicon
from embeddings.text.normalise import key, normalise


@dataclass(frozen=True)
class Searching:
    """What a search reads, which does not change until its end."""

    state: State
    lexicon: Lexicon
    builder: Builder
    judgement: Judgement
    visible: Callable[[int], bool] | None = None

    def rank(self, query: str, limit: int, vectors: tuple[Vectors, ...] | None = None) -> Ranking:
        """Rank for `query`; of a long story, for what it asks."""
        if is_long(query) and vectors is None:
            return self._focus(query, max(limit, SHOWN)).ranking.cut(limit)
        return self._plainly(query, 1, max(limit, 0), vectors)

    def ask(self, message: str, limit: int) -> tuple[Asked, ...]:
        """Return the questions of `message`, each with its ranking."""
        found = asking.ask(message, partial(self._plainly, limit=max(limit, SHOWN)))
        return tuple(replace(one, ranking=one.ranking.cut(limit)) for one in found)

    def explain(self, query: str, limit: int) -> Explanation:
        """Rank as `rank` does, and tell what led to it."""
        if not key(query) or not self.state.documents:
            return Explanation(NOTHING, (), normalise(query))
        text, among = query, 1
        if is_long(query):
            text, among, _ = self._focus(query, SHOWN)
        found = self._explained(text, among, limit)
        meant = meant_by(self.state, self.lexicon, text)
        if meant is None:
            return found
        other = self._explained(meant, among, limit)
        return other if surer(other.ranking, found.ranking) else found

    def _focus(self, message: str, depth: int) -> asking.Focus:
        return asking.focus(message, partial(self._plainly, limit=depth))

    def _plainly(
        self, query: str, among: int, limit: int, vectors: tuple[Vectors, ...] | None = None
    ) -> Ranking:
        if not key(query) or not self.state.documents:
            return NOTHING
        found = self._ranked(query, among, limit, vectors)
        meant = None if vectors else meant_by(self.state, self.lexicon, query)
        if meant is None:
            return found
        other = self._ranked(meant, among, limit)
        return other if surer(other, found) else found

    def _ranked(
        self, query: str, among: int, limit: int, vectors: tuple[Vectors, ...] | None = None
    ) -> Ranking:
        asked = self._asked(query, vectors)
        return self.judgement.rank(self.state.parts, asked, limit, self.visible, among)

    def _explained(self, query: str, among: int, limit: int) -> Explanation:
        found = self.judgement.explain(
            self.state.parts, self._asked(query), limit, self.visible, among
        )
        return replace(found, asked=in_its_words(self.state, self.lexicon, normalise(query)))

    def _asked(self, query: str, vectors: tuple[Vectors, ...] | None = None) -> queries.Query:
        form = in_its_words(self.state, self.lexicon, normalise(query))
        known = vectors or self.builder.encoded(form)
        segments = [part.segment for part in self.state.parts]
        return queries.weigh(query, known, segments, self.lexicon)
