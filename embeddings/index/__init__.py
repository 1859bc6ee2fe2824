"""The index: candidates, evidence, ranking, calibration, snapshots."""

from embeddings.index.search_index import SearchIndex
from embeddings.index.types import (
    Decision,
    Document,
    Hit,
    Promises,
    Ranking,
    SnapshotError,
    Suggestion,
)

__all__ = [
    "Decision",
    "Document",
    "Hit",
    "Promises",
    "Ranking",
    "SearchIndex",
    "SnapshotError",
    "Suggestion",
]
