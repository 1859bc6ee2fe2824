"""Encodes questions and builds segments: what needs the encoders."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.encoders.soundness import sound
from embeddings.errors import VectorsError
from embeddings.index import segment as segments
from embeddings.index.scale import Scale, measure
from embeddings.index.segment import Segment
from embeddings.index.state import State
from embeddings.index.types import Document
from embeddings.index.wording import worded
from embeddings.text.lexicon import Lexicon
from embeddings.text.normalise import normalise

log = logging.getLogger(__name__)


class Builder:
    """The encoders, with the cache of what they encoded once."""

    def __init__(self, encoders: Sequence[Encoder], cache: VectorCache) -> None:
        self.encoders = tuple(encoders)
        self.cache = cache

    def encoded(self, form: str) -> tuple[Vectors, ...]:
        """Return a question's vectors, (dimension,) for each encoder.

        One encoder after the other: side by side they are slower, since the threads of the
        first wait for each other by spinning, and a core that another encoder takes away
        doubles its time.

        Raises:
            VectorsError: an encoder returned something else than numbers.
        """
        found = [encoder.encode([form]) for encoder in self.encoders]
        for encoder, vectors in zip(self.encoders, found, strict=True):
            if not sound(encoder, vectors, 1).all():
                raise VectorsError(encoder.model_id, frozenset({form}))
        return tuple(vectors[0] for vectors in found)

    def build(
        self,
        documents: Sequence[Document],
        lexicon: Lexicon,
        like: State | None = None,
        progress: Progress | None = None,
        early: bool = False,
    ) -> Segment:
        """Build a segment without the documents that an encoder makes no numbers of.

        It compares vectors as `like` does; without that its documents teach their own metric.
        An `early` one is encoded by the last encoder alone, which is the fast one.
        """
        parts = like.parts if like else ()
        metrics = tuple(view.adapted.metric for view in parts[0].segment.dense) if parts else ()
        encoders, count = self.encoders, len(self.encoders)
        if early:
            encoders, metrics = encoders[-1:], metrics[-1:]
        kept = list(documents)
        while True:
            try:
                built = segments.build(kept, encoders, self.cache, progress, metrics)
                if early:
                    built = replace(built, dense=built.dense * count, by=(count - 1,) * count)
                return worded(built, lexicon)
            except VectorsError as error:
                kept = _without_spoilt(kept, error)

    def encode_ahead(self, texts: Sequence[str]) -> None:
        """Encode texts of documents; those that become no numbers are found again later."""
        forms = [normalise(text) for text in texts]
        for encoder in self.encoders:
            with suppress(VectorsError):
                self.cache.encode(encoder, forms)

    def scales(self) -> tuple[Scale, ...]:
        """Measure what the encoders' cosines mean."""
        return tuple(measure(encoder, self.cache) for encoder in self.encoders)


def _forms(document: Document) -> set[str]:
    return {normalise(text) for text in (*document.phrasings, *document.negatives)}


def _without_spoilt(documents: list[Document], error: VectorsError) -> list[Document]:
    """Return the documents that `error` says nothing of; it says the ids of the others."""
    spoilt = [one for one in documents if error.texts & _forms(one)]
    if not spoilt:
        raise error
    log.error("documents left out: %s %s", [one.id for one in spoilt], error)
    return [one for one in documents if one not in spoilt]
