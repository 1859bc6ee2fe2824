"""What a search answers."""

from dataclasses import dataclass

from embeddings.index import Decision


@dataclass(frozen=True)
class SearchHit:
    """An entry found; `score` is the calibrated chance that it answers the question."""

    entry_id: int
    code: str
    question: str
    matched_phrasing: str
    score: float


@dataclass(frozen=True)
class SearchResult:
    """The hits, best first, and what to do with them; `took_ms` in milliseconds."""

    query: str
    decision: Decision
    hits: tuple[SearchHit, ...]
    took_ms: float
