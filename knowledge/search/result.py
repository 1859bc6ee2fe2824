"""What a search answers."""

from dataclasses import dataclass

from embeddings.index import SHOWN, Decision

ONE_DIGIT = 9


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


def options_shown(lists: int) -> int:
    """Return how many options each of so many lists may have: one digit names each of them."""
    return min(SHOWN, ONE_DIGIT // max(lists, 1))


@dataclass(frozen=True)
class Asked:
    """What a message asks: one result, or one for each of its questions in their order.

    `left` are the questions beyond those that are answered at once.
    """

    results: tuple[SearchResult, ...]
    left: tuple[str, ...] = ()
