"""A part of the index: documents that never change, with all that is known of them."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.cache import Progress, VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import dense, lexical
from embeddings.index.metric import Adapted, Metric, learn, measure
from embeddings.index.texts import Documents, Keys, Texts
from embeddings.index.types import Document
from embeddings.text import segment as tokens
from embeddings.text.dictionary import is_word
from embeddings.text.normalise import key, normalise
from embeddings.text.spelling import Spelling

VOCABULARY = 8192

Each = TypeVar("Each")


@dataclass(frozen=True)
class Dense:
    """One encoder's view of a segment.

    `vectors`: (phrasings, dimension), grouped by document, at the precision that
    `dense.precision` tells; `norms` the lengths of their sums by document;
    `negatives` float32 (negative questions, dimension); `adapted`: what the base's
    own metric says of the phrasings.
    """

    vectors: dense.Stored
    norms: Vectors
    negatives: Vectors
    index: faiss.Index = field(repr=False)
    adapted: Adapted = field(repr=False)

    def at(self, rows: Any) -> Vectors:
        """Return the vectors of `rows`, float32 (rows, dimension)."""
        return np.asarray(self.vectors[rows], dtype=np.float32)


@dataclass(frozen=True)
class Segment:
    """`starts[d]:starts[d + 1]` are the phrasings of document d, `owners` the way back.

    `forms` are the phrasings' `texts`, normalised; `exact` and `refused` lead from
    the key of a phrasing or of a negative question to its documents; `vocabulary`
    are the words by which slips of the keyboard are known, the most frequent first.

    `by` tells which encoder each view of `dense` is of: empty where each encoder has its
    own. In an early segment the fast one stands in for the others, in its own scale,
    until theirs follow.
    """

    documents: Documents
    forms: Texts
    owners: NDArray[np.int64]
    dense: tuple[Dense, ...]
    characters: lexical.Postings
    words: lexical.Postings
    exact: Keys
    refused: Keys
    vocabulary: Texts
    by: tuple[int, ...] = ()

    @cached_property
    def spelling(self) -> Spelling:
        """The vocabulary, by sound and look."""
        return Spelling(self.vocabulary)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The documents' ids."""
        return self.documents.ids

    @property
    def texts(self) -> Texts:
        """The phrasings."""
        return self.documents.phrasings

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each document's phrasings begin."""
        return self.documents.starts

    def of(self, each: Sequence[Each]) -> tuple[Each, ...]:
        """Return of what there is one of for each encoder those that the views need."""
        return tuple(each[at] for at in self.by) if self.by else tuple(each)

    def rows(self, document: int) -> range:
        """Return the rows of the document's phrasings."""
        return range(int(self.starts[document]), int(self.starts[document + 1]))

    @property
    def negative_starts(self) -> NDArray[np.int64]:
        """Where each document's negative questions begin."""
        return self.documents.negative_starts


def build(
    documents: Sequence[Document],
    encoders: Sequence[Encoder],
    cache: VectorCache,
    progress: Progress | None = None,
    metrics: Sequence[Metric] = (),
) -> Segment:
    """Encode (or take from the cache) and index documents.

    Without `metrics` (one for each encoder) the documents teach their own.
    Words come first: turning their table around and holding the vectors' index
    at the same time would take the most memory.
    """
    held = Documents.of(documents)
    owners = owners_of(held.starts)
    forms, keys = [], []
    for text in held.phrasings:
        forms.append(normalise(text))
        keys.append(key(text))
    exact = Keys.of(keys, held.phrasings, owners)
    del keys
    characters = lexical.build(map(tokens.characters, forms))
    counted: Counter[str] = Counter()
    words = lexical.build(_counted(map(tokens.words, forms), counted))
    negative = [normalise(text) for text in held.negatives]
    views = []
    for at, encoder in enumerate(encoders):
        vectors = _encoded(encoder, forms, cache, progress if at == 0 else None)
        refused = cache.encode(encoder, negative)
        metric = metrics[at] if metrics else learn(vectors, owners)
        adapted = measure(metric, vectors, held.starts)
        norms = _norms(vectors, held.starts)
        views.append(Dense(vectors, norms, refused, dense.build(vectors), adapted))
    return Segment(
        documents=held,
        forms=Texts.of(forms),
        owners=owners,
        dense=tuple(views),
        characters=characters,
        words=words,
        exact=exact,
        refused=Keys.of(map(key, held.negatives), held.negatives, owners_of(held.negative_starts)),
        vocabulary=Texts.of(_vocabulary(counted)),
    )


def owners_of(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each member which group it is in."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def _counted(texts: Iterable[list[str]], counts: Counter[str]) -> Iterator[list[str]]:
    for text in texts:
        counts.update(text)
        yield text


def _vocabulary(counts: Counter[str]) -> list[str]:
    """Return words that are meant when something like them is written.

    What jieba made up out of one phrasing may be a slip itself.
    """
    words = (word for word, count in counts.most_common() if count > 1 or is_word(word))
    return list(islice((word for word in words if len(word) > 1), VOCABULARY))


def _encoded(
    encoder: Encoder, forms: Sequence[str], cache: VectorCache, progress: Progress | None
) -> dense.Stored:
    """Return all vectors; many lie in a file without a name, which the system may page out."""
    shape, kind = (len(forms), encoder.dimension), dense.precision(len(forms))
    if kind is np.float32:
        return cache.encode(encoder, forms, progress)
    with tempfile.TemporaryFile(dir=cache.folder) as file:
        for start in range(0, len(forms), dense.PORTION):
            portion = forms[start : start + dense.PORTION]
            told = None if progress is None else _from(progress, start, len(forms))
            file.write(cache.encode(encoder, portion, told).astype(kind).tobytes())
        file.flush()
        return np.asarray(np.memmap(file, dtype=kind, mode="r", shape=shape))


def _from(progress: Progress, start: int, total: int) -> Progress:
    return lambda done, _: progress(start + done, total)


def _norms(vectors: dense.Stored, starts: NDArray[np.int64]) -> Vectors:
    """Return the length of the sum of each document's vectors, float32 (documents,)."""
    norms = np.zeros(len(starts) - 1, dtype=np.float32)
    for first, last in dense.portions(starts):
        found = np.asarray(vectors[starts[first] : starts[last]], dtype=np.float32)
        sums = np.add.reduceat(found, starts[first:last] - starts[first])
        norms[first:last] = np.linalg.norm(sums, axis=1)
        dense.release(vectors)
    return norms
