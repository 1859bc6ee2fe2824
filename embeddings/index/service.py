"""The index as its callers see it."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.encoders.soundness import sound
from embeddings.errors import EncoderError, VectorsError
from embeddings.index import query as queries
from embeddings.index import ranker as ranking
from embeddings.index import segment as segments
from embeddings.index import snapshot, trials
from embeddings.index.calibration import Calibration, calibrate
from embeddings.index.ranking import NOTHING, rank
from embeddings.index.recall import dense_recall, lexical_recall
from embeddings.index.scale import Scale, measure
from embeddings.index.segment import Segment
from embeddings.index.snapshot import Snapshot
from embeddings.index.state import Part, State
from embeddings.index.suggestions import suggest
from embeddings.index.types import Document, Promises, Ranking, Suggestion
from embeddings.text.normalise import key, normalise

Visible = Callable[[int], bool]

ASKED_OF_WORDS = 20  # scoring every text of a million takes seconds

log = logging.getLogger(__name__)


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
    def state(self) -> State:
        """What is served now; it never changes, so it can be merged while others follow it."""
        return self._state

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The encoders' ids."""
        return tuple(encoder.model_id for encoder in self._encoders)

    @property
    def calibration(self) -> Calibration:
        """The thresholds in force, and how they were found."""
        return self._calibration

    def rebuild(self, documents: Iterable[Document], progress: Progress | None = None) -> None:
        """Index `documents` in place of all others, and calibrate.

        Raises:
            EncoderError: not one of them can be encoded; what was indexed stays.
        """
        with self._writing:
            wanted = list(documents)
            built = self._build(wanted, progress)
            if wanted and not len(built.documents):
                raise EncoderError(
                    f"编码器 {'、'.join(self.model_ids)} 没有给出一个可用的向量，请检查模型文件"
                )
            scales = self._measured()
            self._calibration = self._calibrated(built, scales)
            self._scales, self._state = scales, State((Part(built),))

    def upsert(self, documents: Sequence[Document]) -> None:
        """Add documents, or put them in place of those with the same id."""
        if not documents:
            return
        with self._writing:
            self._scales = self._scales or self._measured()
            self._state = self._state.plus(documents, self._build)

    def remove(self, ids: Iterable[int]) -> None:
        """Let documents be found no more."""
        with self._writing:
            self._state = self._state.without(ids)

    def search(
        self,
        query: str,
        limit: int = 5,
        visible: Visible | None = None,
        vectors: tuple[Vectors, ...] | None = None,
    ) -> Ranking:
        """Rank the documents for which `visible` holds; `vectors` are those that `encode` made."""
        state = self._state
        if not key(query) or not state.documents:
            return NOTHING
        known = vectors or self.encode(query)
        return rank(
            state.parts,
            queries.weigh(query, known, [part.segment for part in state.parts]),
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
        return suggest(self._state.parts, text, limit, visible) if key(text) else []

    def encode(self, text: str) -> tuple[Vectors, ...]:
        """Return a question's vectors, (dimension,) for each encoder.

        One encoder after the other: side by side they are slower, since the threads of the
        first wait for each other by spinning, and a core that another encoder takes away
        doubles its time.

        Raises:
            VectorsError: an encoder returned something else than numbers.
        """
        form = normalise(text)
        found = [encoder.encode([form]) for encoder in self._encoders]
        for encoder, vectors in zip(self._encoders, found, strict=True):
            if not sound(encoder, vectors, 1).all():
                raise VectorsError(encoder.model_id, frozenset({form}))
        return tuple(vectors[0] for vectors in found)

    def recall(
        self, texts: Sequence[str], vectors: Sequence[tuple[Vectors, ...]], depth: int
    ) -> dict[str, float]:
        """Return which share of the `depth` exactly best phrasings are candidates, by retriever."""
        segment = self._state.parts[0].segment
        shares = {
            encoder.model_id: dense_recall(
                segment.dense[at], np.stack([one[at] for one in vectors]), depth
            )
            for at, encoder in enumerate(self._encoders)
        }
        asked = [
            queries.weigh(text, known, [segment])
            for text, known in zip(texts[:ASKED_OF_WORDS], vectors, strict=False)
        ]
        characters = lexical_recall(segment.characters, [one.characters for one in asked], depth)
        words = lexical_recall(segment.words, [one.words for one in asked], depth)
        return shares | {"characters": characters, "words": words}

    def calibrate(self) -> Calibration:
        """Calibrate anew on what is indexed now."""
        with self._writing:
            built = self._build(self._state.all())
            self._calibration = self._calibrated(built, self._scales)
        return self._calibration

    def save(self, folder: Path, source: str, revision: int) -> None:
        """Write a snapshot of base `source` at `revision`; a delta is merged first."""
        with self._writing:
            if len(self._state.parts) != 1 or self._state.parts[0].gone:
                self._state = State((Part(self._build(self._state.all())),))
            self._write(self._state.parts[0].segment, folder, source, revision)

    def merge(self, state: State, folder: Path, source: str, revision: int) -> None:
        """Write what `state` holds as a snapshot; what is served stays as it is meanwhile."""
        self._write(self._build(state.all()), folder, source, revision)

    def read(self, folder: Path, source: str) -> Snapshot:
        """Read the snapshot of base `source`; what is served stays as it is.

        Raises:
            SnapshotError: none there, damaged, of another base, model or format.
        """
        return snapshot.load(folder, source, self.model_ids)

    def adopt(
        self, found: Snapshot, gone: Iterable[int] = (), newer: Sequence[Document] = ()
    ) -> None:
        """Serve `found` in place of what is served, with what changed since it was written."""
        with self._writing:
            state = State((Part(found.segment),)).without(gone)
            state = state.plus(newer, self._build) if newer else state
            self._calibration, self._scales = found.calibration, found.scales
            self._state = state

    def load(self, folder: Path, source: str) -> int:
        """Serve the snapshot of base `source`; returns its revision.

        Raises:
            SnapshotError: none there, damaged, of another base, model or format.
        """
        found = self.read(folder, source)
        self.adopt(found)
        return found.revision

    def _write(self, segment: Segment, folder: Path, source: str, revision: int) -> None:
        whole = Snapshot(segment, self._calibration, self._scales, revision)
        snapshot.save(folder, whole, source, self.model_ids)

    def _build(self, documents: Sequence[Document], progress: Progress | None = None) -> Segment:
        """Build a segment without the documents that an encoder makes no numbers of."""
        kept = list(documents)
        while True:
            try:
                return segments.build(kept, self._encoders, self._cache, progress)
            except VectorsError as error:
                spoilt = [one for one in kept if error.texts & _forms(one)]
                if not spoilt:
                    raise
                log.error("documents left out: %s %s", [one.id for one in spoilt], error)  # noqa: TRY400
                kept = [one for one in kept if one not in spoilt]

    def _measured(self) -> tuple[Scale, ...]:
        return tuple(measure(encoder, self._cache) for encoder in self._encoders)

    def _calibrated(self, segment: Segment, scales: tuple[Scale, ...]) -> Calibration:
        if not segment.documents:
            return Calibration()
        found = trials.run(segment, scales, self._encoders, self._cache, self._ranker)
        return calibrate(found, self._promises)


def _forms(document: Document) -> set[str]:
    return {normalise(text) for text in (*document.phrasings, *document.negatives)}
