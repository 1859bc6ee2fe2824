"""A base as large as wanted: real vectors, and copies of them with noise; for benchmarks alone."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import Document
from embeddings.text.normalise import normalise

FIRST = "青山东河新城南湖西江北海长安平金石玉龙云水永和大小上下高中白红"
SECOND = "山河城湖江海安平石龙云水和桥林塘门泉岭坪"
KINDS = ("镇", "街道", "村", "社区", "乡")
PHRASINGS = 5  # of an entry
SAMPLE = 40
PORTION = 4_096


def places() -> Iterator[str]:
    """Yield made-up names of places."""
    for first, second, kind in product(FIRST, SECOND, KINDS):
        yield f"{first}{second}{kind}"


class MadeBase:
    """`real` phrasings first, then each of them again for one place after the other."""

    def __init__(self, real: Sequence[str], size: int) -> None:
        self._real = real
        self._size = size
        named = ["", *(name for name, _ in zip(places(), range(size // len(real)), strict=False))]
        self._places = named

    def text(self, at: int) -> str:
        """Return phrasing number `at`."""
        copy, which = divmod(at, len(self._real))
        return self._places[copy] + self._real[which]

    def documents(self) -> Iterator[Document]:
        """Yield the entries, five phrasings each."""
        for at in range(0, self._size, PHRASINGS):
            last = min(at + PHRASINGS, self._size)
            yield Document(at // PHRASINGS, tuple(map(self.text, range(at, last))))

    def keep_vectors(self, encoder: Encoder, known: VectorCache, cache: VectorCache) -> float:
        """Put a vector for each phrasing into `cache`; returns the copies' cosine.

        The real ones are encoded (or taken from `known`). A copy's is the real one
        plus Gaussian noise, as much as brings the cosine to what it is between real
        phrasings with and without the name of a place, measured on a sample.
        """
        forms = [normalise(text) for text in self._real]
        real = known.encode(encoder, forms)
        cache.keep(encoder, forms, real)
        if self._size <= len(forms):
            return 1.0
        cosine = self._cosine(encoder, real)
        spread = np.sqrt(1 / cosine**2 - 1) / np.sqrt(encoder.dimension)
        chance = np.random.default_rng(11)
        copies = [normalise(self.text(at)) for at in range(len(forms), self._size)]
        order = sorted(range(len(copies)), key=lambda at: _key(copies[at]))  # as the file lies
        for start in range(0, len(order), PORTION):
            rows = order[start : start + PORTION]
            vectors = real[np.array(rows) % len(forms)]
            vectors += chance.standard_normal(vectors.shape, dtype=np.float32) * np.float32(spread)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            cache.keep(encoder, [copies[row] for row in rows], vectors)
        return cosine

    def _cosine(self, encoder: Encoder, real: Vectors) -> float:
        rows = np.linspace(0, len(self._real) - 1, SAMPLE).astype(int)
        named = [normalise(self._places[1] + self._real[row]) for row in rows]
        cosines = (encoder.encode(named) * real[rows]).sum(axis=1)
        return float(cosines.mean())


def _key(form: str) -> bytes:
    return hashlib.sha256(form.encode()).digest()
