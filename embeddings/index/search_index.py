"""The index that a process searches: many readers, one writer at a time."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import snapshot, suggestions
from embeddings.index import state as states
from embeddings.index.background import measure, unrelated_vectors
from embeddings.index.calibration import calibrate
from embeddings.index.decision import NOTHING, rank
from embeddings.index.evidence import gather
from embeddings.index.query import prepare
from embeddings.index.ranker import shipped
from embeddings.index.segment import Part, build
from embeddings.index.state import State
from embeddings.index.types import Document, Promises, Ranking, Suggestion
from embeddings.text.normalise import key

Visible = Callable[[int], bool]


class SearchIndex:
    """Finds the documents that answer a question.

    Readers take the state as it is at that moment; a writer prepares the next
    one aside and puts it in place, so no search sees half a change.
    """

    def __init__(
        self,
        encoder: Encoder,
        second: Encoder | None,
        cache: VectorCache,
        promises: Promises = Promises(),
    ) -> None:
        self._encoders = (encoder,) if second is None else (encoder, second)
        self._cache = cache
        self._promises = promises
        self._ranker = shipped(len(self._encoders))
        self._writing = Lock()
        self._state = State()
        self._unrelated: tuple[Vectors, ...] | None = None

    @property
    def documents(self) -> int:
        """How many documents can be found."""
        return sum(len(part.living) for part in self._state.parts)

    @property
    def phrasings(self) -> int:
        """How many phrasings they have."""
        return sum(len(one.phrasings) for part in self._state.parts for one in part.living)

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The encoders' model ids."""
        return tuple(encoder.model_id for encoder in self._encoders)

    def rebuild(self, documents: Iterable[Document], progress: Progress | None = None) -> None:
        """Start over with `documents`, and calibrate the scores on them.

        Args:
            progress: told how many phrasings are encoded, and of how many.
        """
        with self._writing:
            kept = states.servable(documents)
            part = Part(build(kept, self._encoders, self._cache, progress))
            backgrounds = measure([part.segment], self._unrelated_vectors())
            calibration = calibrate(part, backgrounds, self._promises)
            self._state = State((part,), backgrounds, calibration)
            if progress is not None:
                progress(len(part.segment.texts), len(part.segment.texts))

    def upsert(self, documents: Sequence[Document]) -> None:
        """Add or replace documents; they can be found when this returns."""
        with self._writing:
            parts = states.without(self._state.parts, [document.id for document in documents])
            kept = states.servable(documents)
            if kept:
                parts = states.with_added(parts, kept, self._encoders, self._cache)
            self._state = states.remeasured(self._state, parts, self._unrelated_vectors())

    def remove(self, ids: Iterable[int]) -> None:
        """Take documents out; ids that are not here do not matter."""
        with self._writing:
            parts = states.without(self._state.parts, ids)
            self._state = State(parts, self._state.backgrounds, self._state.calibration)

    def search(self, query: str, limit: int = 5, visible: Visible | None = None) -> Ranking:
        """Rank documents for `query`; safe to call from many threads.

        Args:
            visible: tells by id which documents may be found.
        """
        state = self._state
        if not state.parts or not key(query):
            return NOTHING
        prepared = prepare(query, self._encoders, state.parts)
        evidence = gather(state.parts, state.backgrounds, prepared, limit, visible)
        logits = self._ranker.logits(evidence)
        return rank(state.parts, evidence, logits, state.calibration, limit)

    def suggest(
        self, text: str, limit: int = 8, visible: Visible | None = None
    ) -> list[Suggestion]:
        """Return standard questions for what is being typed."""
        return suggestions.suggest(self._state.parts, text, limit, visible)

    def save(self, folder: Path, source: str, revision: int) -> None:
        """Write a snapshot of base `source` at `revision`, replacing the one in `folder`."""
        with self._writing:
            unrelated = self._unrelated_vectors()
            stamp = snapshot.Stamp(source, revision, self.model_ids)
            snapshot.save(folder, self._state, unrelated, stamp)

    def load(self, folder: Path, source: str) -> int:
        """Take the state from a snapshot of base `source`; returns its revision.

        Raises:
            SnapshotError: missing, damaged, or of another base, model or version;
                the index is as it was before.
        """
        with self._writing:
            found = snapshot.load(folder, source, self._encoders)
            self._state, self._unrelated = found.state, found.unrelated
            return found.revision

    def _unrelated_vectors(self) -> tuple[Vectors, ...]:
        if self._unrelated is None:
            self._unrelated = tuple(
                unrelated_vectors(encoder, self._cache) for encoder in self._encoders
            )
        return self._unrelated
