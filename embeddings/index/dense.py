"""FAISS over phrasing vectors: which kind of index serves is decided here, by size."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors

EXACT_UP_TO = 60_000
TRAINED_ON = 65_536
PROBES = 48


def build(vectors: Vectors) -> Any:
    """Return an inner-product index over float32 (n, dimension).

    Exact while that is fast; above that inverted lists over 8-bit vectors, of
    which the caller scores the candidates again with the exact ones.
    """
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        lists = int(4 * np.sqrt(count))
        index = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        chosen = np.random.default_rng(7).permutation(count)[:TRAINED_ON]
        index.train(np.ascontiguousarray(vectors[chosen]))
        index.nprobe = PROBES
    index.add(np.ascontiguousarray(vectors))
    return index


def nearest(index: faiss.Index, query: Vectors, count: int) -> NDArray[np.int64]:
    """Return the rows nearest to `query` (dimension,), at most `count`."""
    if index.ntotal == 0:
        return np.empty(0, dtype=np.int64)
    faiss.omp_set_num_threads(1)  # counts for this thread only; a second one costs 2 ms a search
    _, rows = index.search(query.reshape(1, -1), min(count, index.ntotal))
    found: NDArray[np.int64] = rows[0]
    return found[found >= 0]
