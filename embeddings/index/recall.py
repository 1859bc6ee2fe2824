"""How many of the exactly best phrasings are candidates: what an approximate index loses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index import dense
from embeddings.index.candidates import LEXICAL, NEAREST
from embeddings.index.lexical import Postings
from embeddings.index.segment import Dense

TIED = 1e-4  # whoever scores like the last of the best is as good


def dense_recall(view: Dense, queries: Vectors, depth: int) -> float:
    """Return the mean share of the `depth` nearest phrasings among the candidates.

    `queries`: float32 (queries, dimension). The nearest are found by comparing with
    every stored vector; a candidate as near as the last of them counts.
    """
    best = np.full((len(queries), depth), -np.inf, dtype=np.float32)
    for start in range(0, len(view.vectors), dense.PORTION):
        near = queries @ view.at(slice(start, start + dense.PORTION)).T
        best = np.sort(np.concatenate([best, near], axis=1), axis=1)[:, -depth:]
    found = [view.at(dense.nearest(view.index, query, NEAREST)) @ query for query in queries]
    return _share(best[:, 0], found, depth)


def lexical_recall(texts: Postings, queries: Sequence[dict[str, float]], depth: int) -> float:
    """Return the mean share of the `depth` texts with the highest BM25 among the candidates."""
    least, found = [], []
    for weighted in queries:
        everything = np.concatenate(
            [
                texts.scores(weighted, np.arange(start, min(start + dense.PORTION, texts.size)))
                for start in range(0, texts.size, dense.PORTION)
            ]
        )
        least.append(np.partition(everything, -depth)[-depth])
        found.append(texts.scores(weighted, texts.top(weighted, LEXICAL)))
    return _share(np.array(least), found, depth)


def _share(least: NDArray[np.floating], found: Sequence[NDArray[np.floating]], depth: int) -> float:
    shares = [
        min(int((scores >= last - TIED).sum()), depth) / depth
        for last, scores in zip(least, found, strict=True)
    ]
    return float(np.mean(shares))
