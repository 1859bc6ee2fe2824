"""One search from beginning to end, over one state: a question, a story, several questions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from embeddings.encoders.interface import Vectors
from embeddings.index import asking
from embeddings.index import query as queries
from embeddings.index.building import Builder
from embeddings.index.ranking import NOTHING, Judgement
from embeddings.index.state import State
from embeddings.index.types import SHOWN, Asked, Explanation, Ranking
from embeddings.index.wording import stands_in
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
        asked = self._asked(text)
        found = self.judgement.explain(self.state.parts, asked, limit, self.visible, among)
        return replace(found, asked=in_its_words(self.state, self.lexicon, normalise(text)))

    def _focus(self, message: str, depth: int) -> asking.Focus:
        return asking.focus(message, partial(self._plainly, limit=depth))

    def _plainly(
        self, query: str, among: int, limit: int, vectors: tuple[Vectors, ...] | None = None
    ) -> Ranking:
        if not key(query) or not self.state.documents:
            return NOTHING
        asked = self._asked(query, vectors)
        return self.judgement.rank(self.state.parts, asked, limit, self.visible, among)

    def _asked(self, query: str, vectors: tuple[Vectors, ...] | None = None) -> queries.Query:
        form = in_its_words(self.state, self.lexicon, normalise(query))
        known = vectors or self.builder.encoded(form)
        segments = [part.segment for part in self.state.parts]
        return queries.weigh(query, known, segments, self.lexicon)


def in_its_words(state: State, lexicon: Lexicon, form: str) -> str:
    """Return normalised `form` with terms that the base uses for those that it does not."""
    parts = [part.segment for part in state.parts]
    return lexicon.rewritten(form, partial(stands_in, parts)) or form
