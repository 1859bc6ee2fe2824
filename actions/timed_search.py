"""Search for asynchronous actions: in a thread, with a time limit of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from knowledge.search.result import Asked

SECONDS = 3.0
WORKERS = 4
HITS = 5


class Searcher(Protocol):
    """What actions need of `knowledge.search.service.SearchService`."""

    @property
    def ready(self) -> bool:
        """Whether the index is open and follows the feed."""

    def ask(self, message: str, limit: int = 5) -> Asked:
        """Search for each question of `message`; blocks, safe from many threads."""


class SearchUnavailableError(Exception):
    """There is no result in time; `reason` is an event name for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedSearch:
    """Runs searches in a few threads; nobody waits longer than `seconds`.

    A search that hangs keeps its thread; when all hang, further searches wait in line
    and time out there. The dialogue goes on without them.
    """

    def __init__(
        self, searcher: Searcher | None = None, seconds: float = SECONDS, workers: int = WORKERS
    ) -> None:
        self._searcher = searcher
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="search")

    def attach(self, searcher: Searcher) -> None:
        """Search with `searcher` from now on."""
        self._searcher = searcher

    @property
    def ready(self) -> bool:
        """Whether a searcher is there and says that it is ready."""
        return self._searcher is not None and self._searcher.ready

    async def ask(self, message: str) -> Asked:
        """Return what is found for `message`.

        Raises:
            SearchUnavailableError: the index is not open yet, or the time is up.
        """
        if self._searcher is None:
            raise SearchUnavailableError("search_not_open")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                return await loop.run_in_executor(self._pool, self._searcher.ask, message, HITS)
        except TimeoutError as error:
            raise SearchUnavailableError("search_timed_out") from error

    def close(self) -> None:
        """Take no more searches; does not wait for those that run."""
        self._pool.shutdown(wait=False, cancel_futures=True)
