"""What is served, and beside it the same with one document new or in another wording.

Of many thousand questions one document can change only those that are near one of its
wordings, old or new: a product of matrices finds them, and only they are ranked, twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index import dense
from embeddings.index import query as queries
from embeddings.index.building import Builder
from embeddings.index.candidates import Held, Visible
from embeddings.index.meaning import encoded
from embeddings.index.metric import Metric
from embeddings.index.ranking import NOTHING, Judgement
from embeddings.index.segment import Dense, Segment
from embeddings.index.slips import meant_by, surer
from embeddings.index.state import State
from embeddings.index.types import Document, Ranking
from embeddings.index.wording import in_its_words
from embeddings.text.lexicon import Lexicon
from embeddings.text.normalise import key, normalise

NEAR = 0.25  # likeness as in `meanings`; paraphrases begin near 0.4
LITERAL = 0.5  # a question is near as well if a wording has so much of its pairs of characters
SHARED_FROM = 4_096  # phrasings: with so many, one document more shifts no weight of a word
TINY = 1e-9


@dataclass(frozen=True)
class Asked:
    """A question near the document, how near (-1 to 1), and whose phrasing it is, if any's."""

    text: str
    likeness: float
    own: int | None = None
    vectors: tuple[Vectors, ...] = field(default=(), repr=False)


class Swap:
    """A state and the change of one document; who searches meanwhile notices nothing."""

    def __init__(
        self,
        builder: Builder,
        judgement: Judgement,
        lexicon: Lexicon,
        before: State,
        document: Document,
    ) -> None:
        build = partial(builder.build, lexicon=lexicon, like=before)
        self.document = document
        self.before = before
        self.after = before.plus([document], build)
        self._builder = builder
        self._judgement = judgement
        self._lexicon = lexicon
        self._wordings = [
            _Wordings.among(at, (before, self.after), document.id)
            for at in range(len(builder.encoders))
        ]

    def phrasings(self) -> list[Asked]:
        """Return the stored phrasings near the document, among them those of both wordings."""
        found: dict[tuple[int, str], Asked] = {}
        for part in (*self.after.parts, *self.before.parts):
            segment = part.segment
            for row, likeness in self._near_rows(segment):
                own, text = int(segment.ids[segment.owners[row]]), segment.texts[row]
                if own not in part.gone and (own, key(text)) not in found:
                    vectors = tuple(view.at(row) for view in segment.dense)
                    found[own, key(text)] = Asked(text, likeness, own, vectors)
        return list(found.values())

    def near(self, texts: Sequence[str]) -> list[Asked]:
        """Return those of many questions that are near the document; vectors come of the cache."""
        if not texts:
            return []
        forms = [in_its_words(self.before, self._lexicon, normalise(text)) for text in texts]
        vectors = [encoded(self._builder, one, forms) for one in self._builder.encoders]
        alike = [one.fresh(found) for one, found in zip(self._wordings, vectors, strict=True)]
        likeness = np.mean(alike, axis=0)
        sound = np.all([found.any(axis=1) for found in vectors], axis=0)
        chosen = sound & ((likeness >= NEAR) | self._literally(forms))
        return [
            Asked(texts[at], float(likeness[at]), None, tuple(found[at] for found in vectors))
            for at in np.flatnonzero(chosen).tolist()
        ]

    def rankings(
        self, asked: Asked, limit: int, serving: Visible, then: Visible
    ) -> tuple[Ranking, Ranking]:
        """Rank a question as things are, and as they would be.

        A stored phrasing is asked without itself, if its entry has others: in its own words
        everybody is found. `serving` and `then` tell what is in service before and after.
        """
        if not key(asked.text):
            return NOTHING, NOTHING
        found = self._both(asked, limit, serving, then)
        meant = meant_by(self.before, self._lexicon, asked.text) if asked.own is None else None
        if meant is None:
            return found
        other = self._both(self._asked(meant), limit, serving, then)
        before, after = (
            second if surer(second, first) else first
            for first, second in zip(found, other, strict=True)
        )
        return before, after

    def others(self, limit: int, serving: Visible) -> Iterator[tuple[str, Ranking]]:
        """Ask each phrasing of the new wording of all other documents."""

        def visible(document: int) -> bool:
            return document != self.document.id and serving(document)

        for text in self.document.phrasings:
            asked = self._asked(text)
            if all(found.any() for found in asked.vectors):
                yield text, self._ranked(self.before, asked, limit, visible)

    def _near_rows(self, segment: Segment) -> list[tuple[int, float]]:
        total = np.zeros(len(segment.texts), dtype=np.float32)
        for at, view in enumerate(segment.dense):
            total += self._wordings[at].stored(view)
        total /= max(len(segment.dense), 1)
        return [(row, float(total[row])) for row in np.flatnonzero(total >= NEAR).tolist()]

    def _literally(self, forms: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which questions share most of their pairs of characters with a wording."""
        held = [_pairs(normalise(text)) for text in self.wordings()]
        found = np.zeros(len(forms), dtype=bool)
        for at, form in enumerate(forms):
            pairs = _pairs(form)
            found[at] = any(len(pairs & one) >= LITERAL * len(pairs) for one in held if pairs)
        return found

    def wordings(self) -> list[str]:
        """Return the phrasings and negative questions, old and new."""
        texts: dict[str, None] = {}
        for state in (self.before, self.after):
            for segment, position in _places(state, self.document.id):
                one = segment.documents[position]
                texts |= dict.fromkeys((*one.phrasings, *one.negatives))
        return list(texts)

    def _asked(self, text: str) -> Asked:
        form = in_its_words(self.before, self._lexicon, normalise(text))
        vectors = (encoded(self._builder, one, [form])[0] for one in self._builder.encoders)
        return Asked(text, 1.0, None, tuple(vectors))

    def _ranked(self, state: State, asked: Asked, limit: int, visible: Visible) -> Ranking:
        query = self._query(state, asked)
        return self._judgement.rank(state.parts, query, limit, visible)

    def _both(
        self, asked: Asked, limit: int, serving: Visible, then: Visible
    ) -> tuple[Ranking, Ranking]:
        """Rank both states; in a large base what they share is gathered once."""
        query, judgement = self._query(self.before, asked), self._judgement
        held = _held_out(self.before, asked)
        before = [
            judgement.gather(part, query, serving, held.get(at))
            for at, part in enumerate(self.before.parts)
        ]
        held = _held_out(self.after, asked)
        known = {id(one.segment): one for one in before if one is not None}
        first = judgement.judge(before, query, limit)
        if self.before.phrasings < SHARED_FROM:
            known, query = {}, self._query(self.after, asked)
        after = []
        for at, part in enumerate(self.after.parts):
            shared = known.get(id(part.segment))
            if shared is None:
                after.append(judgement.gather(part, query, then, held.get(at)))
            else:
                gone = self.document.id in part.gone
                after.append(shared.without(self.document.id) if gone else shared)
        return first, judgement.judge(after, query, limit)

    def _query(self, state: State, asked: Asked) -> queries.Query:
        segments = [part.segment for part in state.parts]
        return queries.weigh(asked.text, asked.vectors, segments, self._lexicon)


@dataclass(frozen=True)
class _Wordings:
    """The document's wordings as one encoder sees them, in the base's metric.

    The likeness of a vector x to wording w is `(x @ toward[:, w] - level[w]) / length`, where
    `length` is that of x when moved (see `Metric`).
    """

    metric: Metric
    toward: Vectors
    level: Vectors

    @classmethod
    def among(cls, at: int, states: Sequence[State], document: int) -> "_Wordings":
        """Take the wordings of `document` in `states`, as encoder number `at` sees them."""
        metric = states[-1].parts[0].segment.dense[at].adapted.metric
        vectors = []
        for state in states:
            for segment, position in _places(state, document):
                view, rows = segment.dense[at], segment.rows(position)
                vectors.append(view.at(slice(rows.start, rows.stop)))
                bounds = segment.negative_starts
                vectors.append(view.negatives[bounds[position] : bounds[position + 1]])
        if not vectors:  # no encoder makes numbers of it: near nothing
            return cls(metric, metric.transform[:, :1], np.full(1, np.inf, dtype=np.float32))
        toward = metric.transform @ metric.adapt(np.concatenate(vectors)).T
        return cls(metric, toward, metric.mean @ toward)

    def fresh(self, vectors: Vectors) -> Vectors:
        """Return (n,): how near each of the vectors (n, dimension) is to the nearest wording."""
        lengths = np.maximum(np.linalg.norm(self.metric.moved(vectors), axis=1), TINY)
        return self._near(vectors, lengths)

    def stored(self, view: Dense) -> Vectors:
        """Return the same of all phrasings of a segment."""
        found = np.empty(len(view.vectors), dtype=np.float32)
        for start in range(0, len(found), dense.PORTION):
            span = slice(start, start + dense.PORTION)
            found[span] = self._near(view.at(span), view.adapted.lengths[span])
            dense.release(view.vectors)
        return found

    def _near(self, vectors: Vectors, lengths: Vectors) -> Vectors:
        near: Vectors = (vectors @ self.toward - self.level).max(axis=1) / lengths
        return near


def _places(state: State, document: int) -> Iterator[tuple[Segment, int]]:
    """Yield where a document lies: its segment, and its position there."""
    for part in state.parts:
        if document not in part.gone:
            for position in np.flatnonzero(part.segment.ids == document).tolist():
                yield part.segment, position


def _held_out(state: State, asked: Asked) -> dict[int, Held]:
    """Return what is left out when a phrasing is asked: itself, unless nothing would remain."""
    if asked.own is None:
        return {}
    for at, part in enumerate(state.parts):
        for segment, position in _places(State((part,)), asked.own):
            rows, wanted = segment.rows(position), key(asked.text)
            same = frozenset(row for row in rows if key(segment.texts[row]) == wanted)
            return {at: Held(same)} if same and len(same) < len(rows) else {}
    return {}


def _pairs(form: str) -> set[str]:
    return {form[at : at + 2] for at in range(len(form) - 1)}
