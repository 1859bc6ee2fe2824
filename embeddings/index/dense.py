"""FAISS over phrasing vectors: which kind of index serves is decided here, by size."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors

EXACT_UP_TO = 10_000
WHOLE_UP_TO = 60_000
TRAINED_ON = 65_536
PROBES = 32
PORTION = 16_384

Stored = NDArray[np.float32] | NDArray[np.float16]


def precision(count: int) -> type[np.floating[Any]]:
    """Return in which type so many vectors are kept: a city's million would take 3.6 GB."""
    return np.float32 if count <= WHOLE_UP_TO else np.float16


def build(vectors: Stored) -> Any:
    """Return an inner-product index over (n, dimension).

    All vectors, at half precision, while that is fast; above that inverted lists
    over 8-bit vectors. The caller scores the candidates again with the stored ones.
    """
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        kind = faiss.ScalarQuantizer.QT_fp16  # half the memory to read: a third faster
        index: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    else:
        lists = min(int(4 * np.sqrt(count)), TRAINED_ON // 32)
        index = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.cp.min_points_per_centroid = 1  # so few are enough, and no warning on stdout
        chosen = np.sort(np.random.default_rng(7).permutation(count)[:TRAINED_ON])
        index.train(np.ascontiguousarray(vectors[chosen], dtype=np.float32))
        release(vectors)
        index.nprobe = PROBES
    for start in range(0, count, PORTION):
        index.add(np.ascontiguousarray(vectors[start : start + PORTION], dtype=np.float32))
        release(vectors)
    return index


def release(array: NDArray[Any]) -> None:
    """Give back the memory that a mapped array's pages take here; its file keeps them."""
    mapped = getattr(array.base, "_mmap", None) if isinstance(array.base, np.memmap) else None
    if mapped is not None and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def portions(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of runs of documents whose phrasings fit in a portion."""
    first = 0
    while first < len(starts) - 1:
        last = int(np.searchsorted(starts, starts[first] + PORTION, "right")) - 1
        yield first, (last := max(last, first + 1))
        first = last


def nearest(index: faiss.Index, query: Vectors, count: int) -> NDArray[np.int64]:
    """Return the rows nearest to `query` (dimension,), at most `count`."""
    if index.ntotal == 0:
        return np.empty(0, dtype=np.int64)
    wanted = np.asarray(query, dtype=np.float32).reshape(1, -1)
    with _one_thread():
        _, rows = index.search(wanted, min(count, index.ntotal))
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
