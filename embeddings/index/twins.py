"""Entries so alike that either will do: a base of many hands holds some questions twice."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index.segment import Segment

# Two entries are twins if their centroids are nearer than this share of all
# phrasings are to the centroid of their own entry.
QUANTILE = 0.4
SAMPLE = 1000


@dataclass(frozen=True)
class Twins:
    """Compares the centroids of documents in the base's metric, mean over the encoders."""

    segment: Segment
    alike_from: float
    _centroids: dict[int, tuple[Vectors, ...]] = field(default_factory=dict)

    def of(self, document: int, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which of the documents at `positions` are `document`, or twins of it."""
        own = self._centroid(document)
        alike = [
            np.mean([a @ b for a, b in zip(own, self._centroid(int(one)), strict=True)])
            for one in positions
        ]
        found: NDArray[np.bool_] = np.array(alike) >= self.alike_from
        found |= positions == document
        return found

    def _centroid(self, document: int) -> tuple[Vectors, ...]:
        if document not in self._centroids:
            self._centroids[document] = tuple(
                _unit(vectors.sum(axis=0)) for vectors in adapted(self.segment, document)
            )
        return self._centroids[document]


def learn(segment: Segment) -> Twins:
    """Learn from the base how near is near."""
    counts = np.diff(segment.starts)
    rows = np.flatnonzero(counts[segment.owners] > 1)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).astype(int))]
    near = [_to_siblings(segment, int(row)) for row in rows]
    return Twins(segment, float(np.quantile(near, QUANTILE)) if near else 1.0)


def adapted(segment: Segment, document: int) -> list[Vectors]:
    """Return for each encoder the document's phrasings in the base's metric."""
    rows = segment.rows(document)
    span = slice(rows.start, rows.stop)
    return [view.adapted.metric.adapt(view.at(span)) for view in segment.dense]


def _to_siblings(segment: Segment, row: int) -> float:
    """Return a phrasing's cosine to the centroid of its entry's others."""
    document = int(segment.owners[row])
    at = row - int(segment.starts[document])
    found = [
        vectors[at] @ _unit(np.delete(vectors, at, axis=0).sum(axis=0))
        for vectors in adapted(segment, document)
    ]
    return float(np.mean(found))


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit
