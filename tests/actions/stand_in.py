"""A searcher for tests: it knows a few words and makes no claim to rank."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from actions.server import serve
from actions.timed_search import Searcher
from embeddings.index import Decision
from knowledge import logs
from knowledge.search.result import Asked, SearchHit, SearchResult


class StandInSearch:
    """Decides by the words 居住证 (answer), 社保 (clarify, three hits), 慢 (takes `slow` s)."""

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.ready = True
        self.queries: list[str] = []

    def ask(self, message: str, limit: int = 5) -> Asked:
        """Return made-up hits; scores follow from the position only. “另外” parts questions."""
        parts = message.split("，另外")
        found = [self._search(part, limit) for part in parts[:3]]
        return Asked(tuple(found), tuple(parts[3:]))

    def _search(self, query: str, limit: int) -> SearchResult:
        self.queries.append(query)
        if "慢" in query:
            time.sleep(self.slow)
        if "坏" in query:
            raise RuntimeError(f"broken by {query}")
        if "居住证" in query:
            return _result(query, Decision.ANSWER, (11,))
        if "社保" in query:
            return _result(query, Decision.CLARIFY, (21, 22, 23)[:limit])
        return _result(query, Decision.NO_ANSWER, ())


def _result(query: str, decision: Decision, entries: tuple[int, ...]) -> SearchResult:
    hits = tuple(
        SearchHit(entry, f"K{entry}", f"问题{entry}", f"问法{entry}", round(0.97 - 0.3 * place, 2))
        for place, entry in enumerate(entries)
    )
    return SearchResult(query, decision, hits, 1.5)


@contextmanager
def standing_in(opening_seconds: float, slow: float) -> Iterator[Searcher]:
    """Open after a while, or fail to when `opening_seconds` is negative."""
    if opening_seconds < 0:
        raise OSError("没有模型")
    time.sleep(opening_seconds)
    yield StandInSearch(slow)
    print("closed", flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    logs.configure("INFO")
    port, opening, slowness = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    sys.exit(serve(port, lambda: standing_in(opening, slowness)))
