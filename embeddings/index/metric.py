"""A way to compare vectors that the base itself teaches.

Within-class covariance normalisation (Hatch, Kajarekar and Stolcke, 2006): directions
in which the phrasings of one entry differ count less, for they carry wording, not
meaning. With few phrasings the covariance is drawn to the identity.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index import dense

SAMPLE = 50_000
SHRINKAGE = 1.0
TINY = 1e-9

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Metric:
    """`adapt` maps vectors x to `(x - mean) @ transform`, made unit length.

    mean: float32 (dimension,); transform: float32 (dimension, dimension).
    """

    mean: Vectors
    transform: Vectors

    def adapt(self, vectors: Vectors) -> Vectors:
        """Return float32 (n, dimension), L2-normalised."""
        moved = self.moved(vectors)
        lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), TINY)
        adapted: Vectors = np.divide(moved, lengths, dtype=np.float32)
        return adapted

    def moved(self, vectors: Vectors) -> Vectors:
        """Return float32 (n, dimension), of any length."""
        moved: Vectors = np.matmul(vectors - self.mean, self.transform, dtype=np.float32)
        return moved

    def asked(self, vector: Vectors) -> tuple[Vectors, float]:
        """Return (dimension,) and a number with which plain vectors compare to a query.

        The adapted cosine of x and the query is `(x @ first - second) / length`, where
        `length` is that of x when moved: no candidate need be moved for it.
        """
        toward: Vectors = self.transform @ self.adapt(vector[None])[0]
        return toward, float(self.mean @ toward)


@dataclass(frozen=True)
class Adapted:
    """What a metric says of phrasings: `lengths` (phrasings,) when moved, `sums` (documents,):
    the length of the sum of a document's adapted vectors.
    """

    metric: Metric
    lengths: Vectors
    sums: Vectors


def learn(vectors: dense.Stored, owners: Counts) -> Metric:
    """Learn from phrasings (n, dimension) and the document of each, (n,), in ascending order."""
    dimension = vectors.shape[1]
    vectors, owners = np.asarray(vectors[:SAMPLE], dtype=np.float32), owners[:SAMPLE]
    if not len(vectors):
        return Metric(np.zeros(dimension, np.float32), np.eye(dimension, dtype=np.float32))
    mean = vectors.mean(axis=0)
    starts = np.flatnonzero(np.diff(owners, prepend=owners[0] - 1))
    counts = np.diff(np.append(starts, len(owners)))
    means = np.add.reduceat(vectors, starts) / counts[:, None]
    inside = vectors - np.repeat(means, counts, axis=0)
    freedom = len(vectors) - len(starts)
    if not freedom:
        return Metric(mean.astype(np.float32), np.eye(dimension, dtype=np.float32))
    values, axes = np.linalg.eigh(inside.T @ inside / freedom)
    level = max(float(values.mean()), 1e-12)
    share = SHRINKAGE * (1 + dimension / freedom)
    transform = axes / np.sqrt(np.maximum(values, 0) / level + share)
    return Metric(mean.astype(np.float32), transform.astype(np.float32))


def measure(metric: Metric, vectors: dense.Stored, starts: Counts) -> Adapted:
    """Measure phrasings (n, dimension); document d's are `starts[d]:starts[d + 1]`."""
    lengths = np.empty(len(vectors), dtype=np.float32)
    sums = np.zeros(len(starts) - 1, dtype=np.float32)
    for first, last in dense.portions(starts):
        span = slice(int(starts[first]), int(starts[last]))
        moved = metric.moved(np.asarray(vectors[span], dtype=np.float32))
        lengths[span] = np.maximum(np.linalg.norm(moved, axis=1), TINY)
        unit = moved / lengths[span, None]
        added = np.add.reduceat(unit, starts[first:last] - starts[first])
        sums[first:last] = np.linalg.norm(added, axis=1)
        dense.release(vectors)
    return Adapted(metric, lengths, sums)
