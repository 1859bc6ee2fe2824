"""The index as its callers see it."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.errors import EncoderError
from embeddings.index import ranker as ranking
from embeddings.index import recall, snapshot, trials
from embeddings.index.building import Builder
from embeddings.index.calibration import Calibration, Rehearsal, calibrate, rehearse
from embeddings.index.meaning import meanings
from embeddings.index.ranking import Judgement
from embeddings.index.scale import Scale
from embeddings.index.searching import Searching
from embeddings.index.segment import Segment
from embeddings.index.snapshot import Snapshot
from embeddings.index.state import Part, State
from embeddings.index.suggestions import suggest
from embeddings.index.swap import Swap
from embeddings.index.types import (
    Asked,
    Document,
    Explanation,
    Promises,
    Ranking,
    Suggestion,
)
from embeddings.index.wording import in_its_words, reworded, worded
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
        self._builder = Builder((encoder,) if second is None else (encoder, second), cache)
        self._promises = promises or Promises()
        self._ranker = ranking.load(len(self._builder.encoders))
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
    def state(self) -> State:
        """What is served now; it never changes, so it can be merged while others follow it."""
        return self._state

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The encoders' ids."""
        return tuple(encoder.model_id for encoder in self._builder.encoders)

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
            built = self._builder.build(wanted, self._lexicon, progress=progress)
            if wanted and not len(built.documents):
                raise EncoderError(
                    f"编码器 {'、'.join(self.model_ids)} 没有给出一个可用的向量，请检查模型文件"
                )
            scales = self._builder.scales()
            self._calibration = calibrate(self._trials(built, scales), self._promises)
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

    def upsert(self, documents: Sequence[Document], early: bool = False) -> None:
        """Add documents, or put them in place of those with the same id.

        `early`: by the fast encoder alone, where there are two; another `upsert` completes them.
        """
        if not documents:
            return
        with self._writing:
            self._scales = self._scales or self._builder.scales()
            early = early and len(self._builder.encoders) > 1 and bool(self._state.parts)
            build = partial(
                self._builder.build, lexicon=self._lexicon, like=self._state, early=early
            )
            self._state = self._state.plus(documents, build, early)

    def encode_ahead(self, texts: Sequence[str]) -> None:
        """Encode by all encoders what a later `upsert` then finds in the cache."""
        self._builder.encode_ahead(texts)

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
        """Rank the documents for which `visible` holds.

        Where a slip of the keyboard is likely, what was meant is searched too, and the surer
        ranking counts; not so with `vectors`, those that `encode` made of the query.
        """
        return self._searching(visible).rank(query, limit, vectors)

    def ask(
        self, message: str, limit: int = 5, visible: Visible | None = None
    ) -> tuple[Asked, ...]:
        """Return the questions of `message` in its order, each with its ranking; at least one.

        There is more than one only where it is plain that there is.
        """
        return self._searching(visible).ask(message, limit)

    def preview(
        self, query: str, lexicon: Lexicon, limit: int = 5, visible: Visible | None = None
    ) -> Ranking:
        """Rank as a search would if `lexicon` were in use; nothing is changed."""
        with self._writing:
            state, before = self._state, self._lexicon
        tried = replace(self._searching(visible), lexicon=lexicon)
        return replace(tried, state=reworded(state, lexicon, before)).rank(query, limit)

    def beside(self, document: Document) -> Swap:
        """Return what is served and, beside it, the same with `document`; nothing is changed."""
        state, lexicon = self._state, self._lexicon
        scales = self._scales or self._builder.scales()
        judgement = Judgement(scales, self._ranker, self._calibration)
        return Swap(self._builder, judgement, lexicon, state, document)

    def explain(self, query: str, limit: int = 10, visible: Visible | None = None) -> Explanation:
        """Rank as `search` does, and tell what led to it."""
        return self._searching(visible).explain(query, limit)

    def suggest(
        self, text: str, limit: int = 8, visible: Visible | None = None
    ) -> list[Suggestion]:
        """Return standard questions for what is being typed."""
        if not key(text):
            return []
        state, form = self._state, normalise(text)
        return suggest(state.parts, in_its_words(state, self._lexicon, form), limit, visible)

    def encode(self, text: str) -> tuple[Vectors, ...]:
        """Return a question's vectors, (dimension,) for each encoder.

        Raises:
            VectorsError: an encoder returned something else than numbers.
        """
        return self._builder.encoded(in_its_words(self._state, self._lexicon, normalise(text)))

    def meanings(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return float32 (texts, dimension): their products tell how alike the texts are."""
        return meanings(self._state, self._builder, texts, progress)

    def recall(
        self, texts: Sequence[str], vectors: Sequence[tuple[Vectors, ...]], depth: int
    ) -> dict[str, float]:
        """Return which share of the `depth` exactly best phrasings are candidates, by retriever."""
        return recall.shares(self._state.parts[0].segment, self.model_ids, texts, vectors, depth)

    def calibrate(self) -> Rehearsal:
        """Calibrate anew on what is indexed now."""
        with self._writing:
            built = self._alike(self._state.all())
            found = rehearse(self._trials(built, self._scales), self._promises)
            self._calibration = found.calibration
        return found

    def save(self, folder: Path, source: str, revision: int) -> None:
        """Write a snapshot of base `source` at `revision`; a delta is merged first."""
        with self._writing:
            if len(self._state.parts) != 1 or self._state.parts[0].gone:
                self._state = State((Part(self._alike(self._state.all())),))
            self._write(self._state.parts[0].segment, self._lexicon, folder, source, revision)

    def merge(self, state: State, folder: Path, source: str, revision: int) -> None:
        """Write what `state` holds as a snapshot; what is served stays as it is meanwhile."""
        lexicon = self._lexicon
        built = self._builder.build(state.all(), lexicon, like=state)
        self._write(built, lexicon, folder, source, revision)

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
            self._scales = self._scales or self._builder.scales()
            cut = Lexicon((), found.kept_words)
            state = State((Part(worded(found.segment, self._lexicon, cut)),)).without(gone)
            if newer:
                alike = partial(self._builder.build, lexicon=self._lexicon, like=state)
                state = state.plus(newer, alike)
            self._calibration, self._state = found.calibration, state

    def load(self, folder: Path, source: str) -> int:
        """Serve the snapshot of base `source`; returns its revision.

        Raises:
            SnapshotError: none there, damaged, of another base, model or format.
        """
        found = self.read(folder, source)
        self.adopt(found)
        return found.revision

    def _searching(self, visible: Visible | None) -> Searching:
        judgement = Judgement(self._scales, self._ranker, self._calibration)
        return Searching(self._state, self._lexicon, self._builder, judgement, visible)

    def _write(
        self, segment: Segment, lexicon: Lexicon, folder: Path, source: str, revision: int
    ) -> None:
        whole = Snapshot(segment, self._calibration, revision, tuple(sorted(lexicon.kept)))
        snapshot.save(folder, whole, source, self.model_ids)

    def _alike(self, documents: Sequence[Document]) -> Segment:
        """Build a part that compares vectors as the others do."""
        return self._builder.build(documents, self._lexicon, like=self._state)

    def _trials(self, segment: Segment, scales: tuple[Scale, ...]) -> list[trials.Trial]:
        if not segment.documents:
            return []
        builder = self._builder
        return trials.run(segment, scales, builder.encoders, builder.cache, self._ranker)
