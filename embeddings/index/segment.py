"""A part of the index: documents that never change, with all that is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import dense, lexical
from embeddings.index.types import Document
from embeddings.text import segment as tokens
from embeddings.text.normalise import key, normalise

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Dense:
    """One encoder's view of a segment.

    `vectors`: float32 (phrasings, dimension), grouped by document; `sums`: their
    sums by document (documents, dimension); `negatives`: (negative questions, dimension).
    """

    vectors: Vectors
    sums: Vectors
    negatives: Vectors
    index: faiss.Index = field(repr=False)


@dataclass(frozen=True)
class Segment:
    """`starts[d]:starts[d + 1]` are the phrasings of document d, `owners` the way back.

    `forms` are the phrasings normalised; `exact` and `refused` lead from the key
    of a phrasing or negative question to the positions of documents.
    """

    documents: tuple[Document, ...]
    texts: tuple[str, ...]
    forms: tuple[str, ...]
    starts: Positions
    owners: Positions
    negative_starts: Positions
    dense: tuple[Dense, ...]
    characters: lexical.Postings
    words: lexical.Postings
    exact: dict[str, tuple[int, ...]]
    refused: dict[str, tuple[int, ...]]
    position: dict[int, int]


@dataclass(frozen=True)
class Part:
    """A segment as it serves now: without the documents at `dead` positions."""

    segment: Segment
    dead: frozenset[int] = frozenset()

    @property
    def living(self) -> list[Document]:
        """The documents that are still served."""
        documents = self.segment.documents
        return [document for at, document in enumerate(documents) if at not in self.dead]


def build(
    documents: Sequence[Document],
    encoders: Sequence[Encoder],
    cache: VectorCache,
    progress: Progress | None = None,
) -> Segment:
    """Encode (or take from the cache) and index documents."""
    forms = [normalise(text) for document in documents for text in document.phrasings]
    negatives = [normalise(text) for document in documents for text in document.negatives]
    vectors = [
        (cache.encode(encoder, forms, None if at else progress), cache.encode(encoder, negatives))
        for at, encoder in enumerate(encoders)
    ]
    return assemble(documents, vectors)


def assemble(documents: Sequence[Document], vectors: Sequence[tuple[Vectors, Vectors]]) -> Segment:
    """Put a segment together from documents and, by encoder, phrasing and negative vectors."""
    texts = tuple(text for document in documents for text in document.phrasings)
    forms = tuple(normalise(text) for text in texts)
    starts = _starts([len(document.phrasings) for document in documents])
    return Segment(
        documents=tuple(documents),
        texts=texts,
        forms=forms,
        starts=starts,
        owners=np.repeat(np.arange(len(documents)), np.diff(starts)),
        negative_starts=_starts([len(document.negatives) for document in documents]),
        dense=tuple(_dense(own, negative, starts) for own, negative in vectors),
        characters=lexical.build([tokens.characters(form) for form in forms]),
        words=lexical.build([tokens.words(form) for form in forms]),
        exact=_by_key([document.phrasings for document in documents]),
        refused=_by_key([document.negatives for document in documents]),
        position={document.id: at for at, document in enumerate(documents)},
    )


def _dense(vectors: Vectors, negatives: Vectors, starts: Positions) -> Dense:
    sums = np.add.reduceat(vectors, starts[:-1]) if len(vectors) else vectors
    return Dense(vectors, sums.astype(np.float32), negatives, dense.build(vectors))


def _starts(lengths: Sequence[int]) -> Positions:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _by_key(texts: Sequence[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for at, group in enumerate(texts):
        for form in {key(text) for text in group} - {""}:
            found.setdefault(form, []).append(at)
    return {form: tuple(owners) for form, owners in found.items()}
