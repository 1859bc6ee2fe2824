"""How many of the exactly best phrasings are candidates: what an approximate index loses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index import dense
from embeddings.index import query as queries
from embeddings.index.candidates import LEXICAL, NEAREST
from embeddings.index.lexical import Postings
from embeddings.index.segment import Dense, Segment

ASKED_OF_WORDS = 20  # scoring every text of a million takes seconds
TIED = 1e-4  # whoever scores like the last of the best is as good


def shares(
    segment: Segment,
    model_ids: Sequence[str],
    texts: Sequence[str],
    vectors: Sequence[tuple[Vectors, ...]],
    depth: int,
) -> dict[str, float]:
    """Return which share of the `depth` exactly best phrasings are candidates, by retriever.

    Args:
        model_ids: the encoders'.
        texts: questions.
        vectors: theirs, one for each encoder.
        depth: how many phrasings count as the best.
    """
    found = {
        model_id: dense_recall(segment.dense[at], np.stack([one[at] for one in vectors]), depth)
        for at, model_id in enumerate(model_ids)
    }
    asked = [
        queries.weigh(text, known, [segment])
        for text, known in zip(texts[:ASKED_OF_WORDS], vectors, strict=False)
    ]
    characters = lexical_recall(segment.characters, [one.characters for one in asked], depth)
    words = lexical_recall(segment.words, [one.words for one in asked], depth)
    return found | {"characters": characters, "words": words}


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
