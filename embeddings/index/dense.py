"""FAISS over phrasing vectors: which kind of index serves is decided here, by size."""

from collections.abc import Iterator
from contextlib import contextmanager
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

    All vectors, at half precision, while that is fast; above that inverted lists
    over 8-bit vectors. The caller scores the candidates again with the exact ones.
    """
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        kind = faiss.ScalarQuantizer.QT_fp16  # half the memory to read: a third faster
        index: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
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
    with _one_thread():
        _, rows = index.search(query.reshape(1, -1), min(count, index.ntotal))
    found: NDArray[np.int64] = rows[0]
    return found[found >= 0]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let OpenMP use one thread, here and now.

    A second thread costs a single search more than it gains. The number belongs to
    the calling thread and to all libraries in it, so the encoder gets its own back.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
