"""The search index: candidates, ranking, probabilities, decisions, snapshots."""

from embeddings.errors import SnapshotError
from embeddings.index.calibration import Rehearsal
from embeddings.index.service import SearchIndex
from embeddings.index.types import (
    SHOWN,
    Asked,
    Candidate,
    Decision,
    Document,
    Explanation,
    Hit,
    Promises,
    Ranking,
    Suggestion,
)

__all__ = [
    "SHOWN",
    "Asked",
    "Candidate",
    "Decision",
    "Document",
    "Explanation",
    "Hit",
    "Promises",
    "Ranking",
    "Rehearsal",
    "SearchIndex",
    "SnapshotError",
    "Suggestion",
]
