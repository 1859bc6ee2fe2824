"""Keeps the gaps up to date: a thread in each web process, of which one at a time works."""

import secrets
import threading
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from knowledge.database import Database
from knowledge.gaps.assigning import assign
from knowledge.gaps.checking import check_bound, reopen_asked, suggest_departments
from knowledge.gaps.collecting import claim, collect, release
from knowledge.gaps.grouping import Vectors
from knowledge.gaps.models import GapHead
from knowledge.search.service import SearchService

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0
LEASE = timedelta(minutes=3)


class LostClaimError(Exception):
    """Another process took over, for this one was silent for too long."""


class Keeper:
    """Collects, groups, suggests and checks; what it does is in the database alone."""

    def __init__(self, database: Database, search: SearchService) -> None:
        self._database = database
        self._search = search
        self._holder = secrets.token_hex(8)
        self._running = threading.Lock()
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in the background, now and every minute."""
        self._thread = threading.Thread(target=self._work, name="gaps", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Work now, not only within a minute."""
        self._wake.set()

    def close(self) -> None:
        """Stop; a claim that is left lapses."""
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def ask_to_regroup(self) -> None:
        """Have all groups that nobody decided on grouped anew, by whichever process comes first."""
        with self._database.write() as session:
            session.execute(update(GapHead).values(regroup=True))
        self.wake()

    def run(self) -> bool:
        """Bring the gaps up to date; False where another process is at it."""
        with self._running:
            with self._database.write() as session:
                if not claim(session, self._holder, LEASE):
                    return False
                found = collect(session)
                anew = session.scalars(select(GapHead.regroup)).one()
            try:
                self._group(found, anew=anew)
            finally:
                with self._database.write() as session:
                    release(session, self._holder)
        return True

    def _group(self, found: int, *, anew: bool) -> None:
        made = assign(self._database, self._encode, anew=anew)
        with self._database.write() as session:
            if anew:
                session.execute(update(GapHead).values(regroup=False))
            reopened = reopen_asked(session)
        suggested = suggest_departments(self._database, self._search)
        closed = check_bound(self._database, self._search)
        if found or made or reopened or closed or anew:
            log.info(
                "gaps_kept", questions=found, new=made, reopened=reopened,
                suggested=suggested, closed=closed, anew=anew,
            )  # fmt: skip

    def _encode(self, texts: list[str]) -> Vectors:
        return self._search.meanings(texts, self._go_on)

    def _go_on(self, done: int, total: int) -> None:  # noqa: ARG002 - the cache tells both
        """Keep the claim while texts are encoded, which may take minutes the first time."""
        if self._stop:
            raise LostClaimError
        with self._database.write() as session:
            if not claim(session, self._holder, LEASE):
                raise LostClaimError

    def _work(self) -> None:
        while not self._stop:
            if self._search.ready:
                try:
                    self.run()
                except LostClaimError:
                    log.warning("gaps_claim_lost")
                except Exception:
                    log.error("gaps_not_kept", exc_info=True)
            self._wake.wait(EVERY_SECONDS if self._search.ready else 1.0)
            self._wake.clear()
