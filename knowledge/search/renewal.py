"""Changes over to another encoder while the old index serves: a new one is built aside."""

import threading
import time

import structlog

from knowledge.database import Database
from knowledge.search import encoders
from knowledge.search.building import build_index
from knowledge.search.replica import Replica
from knowledge.search.snapshots import SnapshotFolder
from knowledge.settings import Settings

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 600.0
ENDED_SECONDS = 10.0


class Renewal:
    """Watches which encoder should serve; its owner asks now and then what came of it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._serving = encoders.wanted(settings)
        self._thread: threading.Thread | None = None
        self._found: Replica | None = None
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        """Whether a new index is being built."""
        return self._thread is not None

    def tend(self) -> Replica | None:
        """Begin when another encoder should serve; returns the new replica, open, once."""
        if self._thread is None:
            wanted = encoders.wanted(self._settings)
            if wanted != self._serving and time.monotonic() >= self._not_before:
                self._thread = threading.Thread(
                    target=self._run, args=(wanted,), name="index-renewal", daemon=True
                )
                self._thread.start()
            return None
        if self._thread.is_alive():
            return None
        found, self._found, self._thread = self._found, None, None
        return found

    def end(self) -> None:
        """Wait a while for one that runs."""
        if self._thread is not None:
            self._thread.join(ENDED_SECONDS)

    def _run(self, wanted: str) -> None:
        try:
            index = build_index(self._settings)
            replica = Replica(self._database, index, SnapshotFolder(self._settings.index_folder))
            replica.open()
            self._found, self._serving = replica, wanted
            log.info("encoder_changed", model=wanted or "bundled")
        except Exception:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            log.error("encoder_not_changed", exc_info=True)
