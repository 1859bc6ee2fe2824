"""Search over the entries in service, in the words of the domain."""

import threading
import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from embeddings.encoders.interface import Vectors
from embeddings.index import Hit, Ranking, Suggestion
from embeddings.text.lexicon import Lexicon
from knowledge.database import Database
from knowledge.search.building import build_index
from knowledge.search.explaining import Considered, Explained, because, reasons
from knowledge.search.renewal import Renewal
from knowledge.search.replica import Progress, Replica
from knowledge.search.result import Asked, SearchHit, SearchResult
from knowledge.search.snapshots import SnapshotFolder
from knowledge.search.strengthening import Indexing
from knowledge.settings import Settings

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.2
STALE_SECONDS = 10.0
ANSWERED = 3  # questions of one message


class SearchService:
    """Searches in this process; a thread of its own follows the change feed."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self.replica = Replica(
            database, build_index(settings), SnapshotFolder(settings.index_folder)
        )
        self._renewal = Renewal(settings, database)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._followed_at = 0.0

    def start(self, progress: Progress | None = None) -> None:
        """Open the index, answer one question to warm up, and follow the feed."""
        self.replica.open(progress)
        self.search("您好")
        self._followed_at = time.monotonic()
        self._thread = threading.Thread(target=self._follow, name="feed-follower", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._renewal.end()
        self.replica.close()

    @property
    def ready(self) -> bool:
        """Whether the index is open and not behind the feed."""
        alive = self._thread is not None and self._thread.is_alive()
        return alive and self.seconds_behind < STALE_SECONDS

    @property
    def seconds_behind(self) -> float:
        """Seconds since this process last stood at the feed's head."""
        return time.monotonic() - self._followed_at

    @property
    def indexing(self) -> Indexing | None:
        """How far a bulk change is; None when all is complete."""
        return self.replica.strengthening.indexing

    def search(self, query: str, limit: int = 5) -> SearchResult:
        """Rank the entries in service for `query`; safe to call from many threads."""
        started = time.perf_counter()
        ranking = self.replica.index.search(query, limit, self.replica.catalogue.in_service)
        return self._result(query, ranking, started)

    def ask(self, message: str, limit: int = 5) -> Asked:
        """Search for each question of `message`; safe to call from many threads."""
        started = time.perf_counter()
        found = self.replica.index.ask(message, limit, self.replica.catalogue.in_service)
        results = [self._result(one.text, one.ranking, started) for one in found[:ANSWERED]]
        return Asked(tuple(results), tuple(one.text for one in found[ANSWERED:]))

    def preview(self, query: str, lexicon: Lexicon, limit: int = 5) -> SearchResult:
        """Rank as `search` would if `lexicon` were saved; nothing is changed."""
        started = time.perf_counter()
        serving = self.replica.catalogue.in_service
        ranking = self.replica.index.preview(query, lexicon, limit, serving)
        return self._result(query, ranking, started)

    def explain(self, query: str, limit: int = 10) -> Explained:
        """Rank as `search` does, and tell why."""
        serving = self.replica.catalogue.in_service
        found = self.replica.index.explain(query, limit, serving)
        considered = [
            Considered(named, reasons(one.contributions), one.exact, one.opposed)
            for one in found.candidates
            if (named := self._named(one.hit)) is not None
        ]
        decision = found.ranking.decision
        return Explained(query, found.asked, decision, because(found), tuple(considered))

    def suggest(self, text: str, limit: int = 6) -> list[Suggestion]:
        """Return questions of entries in service that begin or resemble what is being typed."""
        return self.replica.index.suggest(text, limit, self.replica.catalogue.in_service)

    def meanings(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return float32 (texts, dimension), of length 1: near where texts mean the same.

        Those of one call can be compared: the measure follows the base as it changes. Encoded
        texts are kept, so asking for them again costs next to nothing.
        """
        return self.replica.index.meanings(texts, progress)

    def _result(self, query: str, ranking: Ranking, started: float) -> SearchResult:
        hits = tuple(hit for hit in map(self._named, ranking.hits) if hit is not None)
        took_ms = (time.perf_counter() - started) * 1000
        return SearchResult(query, ranking.decision, hits, round(took_ms, 2))

    def _named(self, hit: Hit) -> SearchHit | None:
        listing = self.replica.catalogue.get(hit.id)
        if listing is None:  # withdrawn while this search ran
            return None
        return SearchHit(
            entry_id=hit.id,
            code=listing.code,
            question=listing.question,
            matched_phrasing=hit.matched_phrasing,
            score=hit.score,
        )

    def _follow(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                self.replica.follow()
                self._followed_at = time.monotonic()
                self.replica.tend()
                self._renew()
            except SQLAlchemyError as error:  # the database is away: try again, be found stale
                log.warning("feed_unreachable", reason=type(error).__name__)
            except Exception:
                log.error("feed_not_followed", exc_info=True)

    def _renew(self) -> None:
        """Serve by another encoder once its index stands; a search keeps what it began with."""
        found = self._renewal.tend()
        if found is not None:
            former, self.replica = self.replica, found
            former.close()
