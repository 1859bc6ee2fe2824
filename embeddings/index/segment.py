"""A part of the index: documents that never change, with all that is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import dense, lexical
from embeddings.index.metric import Adapted, Metric, learn, measure
from embeddings.index.types import Document
from embeddings.text import segment as tokens
from embeddings.text.normalise import key, normalise


@dataclass(frozen=True)
class Dense:
    """One encoder's view of a segment.

    `vectors`: float32 (phrasings, dimension), grouped by document; `sums` their
    sums by document (documents, dimension); `negatives` (negative questions, dimension);
    `adapted`: what the base's own metric says of the phrasings.
    """

    vectors: Vectors
    sums: Vectors
    negatives: Vectors
    index: faiss.Index = field(repr=False)
    adapted: Adapted = field(repr=False)


@dataclass(frozen=True)
class Segment:
    """`starts[d]:starts[d + 1]` are the phrasings of document d, `owners` the way back.

    `forms` are the phrasings' `texts`, normalised.
    """

    documents: tuple[Document, ...]
    texts: tuple[str, ...]
    forms: tuple[str, ...]
    starts: NDArray[np.int64]
    owners: NDArray[np.int64]
    negative_starts: NDArray[np.int64]
    dense: tuple[Dense, ...]
    characters: lexical.Postings
    words: lexical.Postings
    exact: dict[str, tuple[int, ...]]
    refused: dict[str, tuple[int, ...]]
    position: dict[int, int]

    def rows(self, document: int) -> range:
        """Return the rows of the document's phrasings."""
        return range(int(self.starts[document]), int(self.starts[document + 1]))


def build(
    documents: Sequence[Document],
    encoders: Sequence[Encoder],
    cache: VectorCache,
    progress: Progress | None = None,
    metrics: Sequence[Metric] = (),
) -> Segment:
    """Encode (or take from the cache) and index documents.

    Without `metrics` (one for each encoder) the documents teach their own.
    """
    texts = tuple(text for document in documents for text in document.phrasings)
    starts = _starts([len(document.phrasings) for document in documents])
    forms = [normalise(text) for text in texts]
    negative = [normalise(text) for document in documents for text in document.negatives]
    views = []
    for at, encoder in enumerate(encoders):
        told = progress if at == 0 else None
        vectors = cache.encode(encoder, forms, told)
        metric = metrics[at] if metrics else learn(vectors, owners_of(starts))
        views.append(_dense(vectors, starts, cache.encode(encoder, negative), metric))
    return assemble(documents, texts, starts, tuple(views))


def assemble(
    documents: Sequence[Document],
    texts: tuple[str, ...],
    starts: NDArray[np.int64],
    views: tuple[Dense, ...],
) -> Segment:
    """Put a segment together from its documents and their vectors."""
    forms = [normalise(text) for text in texts]
    return Segment(
        documents=tuple(documents),
        texts=texts,
        forms=tuple(forms),
        starts=starts,
        owners=owners_of(starts),
        negative_starts=_starts([len(document.negatives) for document in documents]),
        dense=views,
        characters=lexical.build([tokens.characters(form) for form in forms]),
        words=lexical.build([tokens.words(form) for form in forms]),
        exact=_by_key([document.phrasings for document in documents]),
        refused=_by_key([document.negatives for document in documents]),
        position={document.id: at for at, document in enumerate(documents)},
    )


def owners_of(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the document of each phrasing."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def _dense(
    vectors: Vectors, starts: NDArray[np.int64], negatives: Vectors, metric: Metric
) -> Dense:
    sums = np.add.reduceat(vectors, starts[:-1]) if len(vectors) else vectors
    adapted = measure(metric, vectors, starts)
    return Dense(vectors, sums.astype(np.float32), negatives, dense.build(vectors), adapted)


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _by_key(texts: Sequence[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for at, group in enumerate(texts):
        for form in {key(text) for text in group} - {""}:
            found.setdefault(form, []).append(at)
    return {form: tuple(owners) for form, owners in found.items()}
