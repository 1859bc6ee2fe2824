"""The index as its callers see it."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import query as queries
from embeddings.index import ranker as ranking
from embeddings.index import segment as segments
from embeddings.index import snapshot, trials
from embeddings.index.calibration import Calibration, calibrate
from embeddings.index.ranking import NOTHING, rank
from embeddings.index.scale import Scale, measure
from embeddings.index.segment import Segment
from embeddings.index.state import Part, State
from embeddings.index.suggestions import suggest
from embeddings.index.types import Document, Promises, Ranking, Suggestion
from embeddings.index.wording import reworded, stands_in, worded
from embeddings.text.lexicon import EMPTY, Lexicon
from embeddings.text.normalise import key, normalise

Visible = Callable[[int], bool]


class SearchIndex:
    """Documents to search; many threads may search while one changes them.

    A search reads one state from beginning to end; a change makes a new state
    beside it and puts it in place in one step.
    """

    def __init__(
        self,
        encoder: Encoder,
        second: Encoder | None,
        cache: VectorCache,
        promises: Promises | None = None,
    ) -> None:
        self._encoders = (encoder,) if second is None else (encoder, second)
        self._cache = cache
        self._promises = promises or Promises()
        self._ranker = ranking.load(len(self._encoders))
        self._state = State()
        self._calibration = Calibration()
        self._scales: tuple[Scale, ...] = ()
        self._lexicon = EMPTY
        self._writing = threading.Lock()

    @property
    def documents(self) -> int:
        """How many documents can be found."""
        return self._state.documents

    @property
    def phrasings(self) -> int:
        """How many phrasings lead to them."""
        return self._state.phrasings

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The encoders' ids."""
        return tuple(encoder.model_id for encoder in self._encoders)

    @property
    def calibration(self) -> Calibration:
        """The thresholds in force, and how they were found."""
        return self._calibration

    def rebuild(self, documents: Iterable[Document], progress: Progress | None = None) -> None:
        """Index `documents` in place of all others, and calibrate."""
        with self._writing:
            built = self._build(list(documents), progress)
            scales = self._measured()
            self._calibration = self._calibrated(built, scales)
            self._scales, self._state = scales, State((Part(built),))

    def use(self, lexicon: Lexicon) -> None:
        """Let `lexicon` count from the next search on; nothing is encoded or calibrated anew.

        Groups concern questions alone. Custom words concern what is indexed too: where one that
        came or went stands in a phrasing, that segment's words are cut again.
        """
        with self._writing:
            if lexicon != self._lexicon:
                self._state = reworded(self._state, lexicon, self._lexicon)
                self._lexicon = lexicon

    def upsert(self, documents: Sequence[Document]) -> None:
        """Add documents, or put them in place of those with the same id."""
        if not documents:
            return
        with self._writing:
            self._scales = self._scales or self._measured()
            self._state = self._state.plus(documents, self._build_alike)

    def remove(self, ids: Iterable[int]) -> None:
        """Let documents be found no more."""
        with self._writing:
            self._state = self._state.without(ids)

    def search(self, query: str, limit: int = 5, visible: Visible | None = None) -> Ranking:
        """Rank the documents for which `visible` holds."""
        return self._ranked(self._state, self._lexicon, query, limit, visible)

    def preview(
        self, query: str, lexicon: Lexicon, limit: int = 5, visible: Visible | None = None
    ) -> Ranking:
        """Rank as a search would if `lexicon` were in use; nothing is changed."""
        with self._writing:
            state, before = self._state, self._lexicon
        return self._ranked(reworded(state, lexicon, before), lexicon, query, limit, visible)

    def _ranked(
        self, state: State, lexicon: Lexicon, query: str, limit: int, visible: Visible | None
    ) -> Ranking:
        if not key(query) or not state.documents:
            return NOTHING
        vectors = self._encoded(_in_its_words(state, lexicon, normalise(query)))
        return rank(
            state.parts,
            queries.weigh(query, vectors, [part.segment for part in state.parts], lexicon),
            self._scales,
            self._ranker,
            self._calibration,
            limit,
            visible,
        )

    def suggest(
        self, text: str, limit: int = 8, visible: Visible | None = None
    ) -> list[Suggestion]:
        """Return standard questions for what is being typed."""
        if not key(text):
            return []
        state, form = self._state, normalise(text)
        return suggest(state.parts, _in_its_words(state, self._lexicon, form), limit, visible)

    def encode_only(self, text: str) -> None:
        """Encode a question as a search does and throw it away: what benchmarks compare with."""
        self._encoded(normalise(text))

    def calibrate(self) -> Calibration:
        """Calibrate anew on what is indexed now."""
        with self._writing:
            documents = [one for part in self._state.parts for one in part.documents()]
            self._calibration = self._calibrated(self._build_alike(documents), self._scales)
        return self._calibration

    def save(self, folder: Path, source: str, revision: int) -> None:
        """Write a snapshot of base `source` at `revision`; a delta is merged first."""
        with self._writing:
            if len(self._state.parts) != 1 or self._state.parts[0].gone:
                documents = [one for part in self._state.parts for one in part.documents()]
                self._state = State((Part(self._build_alike(documents)),))
            segment = self._state.parts[0].segment
            whole = snapshot.Snapshot(segment, self._calibration, revision)
            snapshot.save(folder, whole, source, self.model_ids)

    def load(self, folder: Path, source: str) -> int:
        """Load the snapshot of base `source`; returns its revision.

        Raises:
            SnapshotError: none there, damaged, of another base, model or format.
        """
        with self._writing:
            found = snapshot.load(folder, source, self.model_ids)
            self._calibration, self._scales = found.calibration, self._measured()
            self._state = State((Part(worded(found.segment, self._lexicon)),))
        return found.revision

    def _encoded(self, form: str) -> tuple[Vectors, ...]:
        """Encode with one encoder after the other.

        Side by side they are slower: the threads of the first wait for each other by
        spinning, and a core that another encoder takes away doubles its time.
        """
        return tuple(encoder.encode([form])[0] for encoder in self._encoders)

    def _build(self, documents: Sequence[Document], progress: Progress | None = None) -> Segment:
        built = segments.build(documents, self._encoders, self._cache, progress)
        return worded(built, self._lexicon)

    def _build_alike(self, documents: Sequence[Document]) -> Segment:
        """Build a part that compares vectors as the others do."""
        parts = self._state.parts
        metrics = [view.adapted.metric for view in parts[0].segment.dense] if parts else ()
        built = segments.build(documents, self._encoders, self._cache, metrics=metrics)
        return worded(built, self._lexicon)

    def _measured(self) -> tuple[Scale, ...]:
        return tuple(measure(encoder, self._cache) for encoder in self._encoders)

    def _calibrated(self, segment: Segment, scales: tuple[Scale, ...]) -> Calibration:
        if not segment.documents:
            return Calibration()
        found = trials.run(segment, scales, self._encoders, self._cache, self._ranker)
        return calibrate(found, self._promises)


def _in_its_words(state: State, lexicon: Lexicon, form: str) -> str:
    """Return normalised `form` with terms that the base uses for those that it does not."""
    parts = [part.segment for part in state.parts]
    return lexicon.rewritten(form, partial(stands_in, parts)) or form
