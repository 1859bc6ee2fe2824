"""Merges the delta into a new snapshot, in a thread of its own, while the process serves."""

import threading
import time

import structlog

from embeddings.index import SearchIndex
from embeddings.index.snapshot import Snapshot
from embeddings.index.state import State
from knowledge.feed.service import Head
from knowledge.search.snapshots import SnapshotFolder

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 600.0  # after a failure: a disk that is full stays so for a while
ENDED_SECONDS = 10.0


class Merging:
    """One merge at a time; its owner starts it and asks now and then what came of it."""

    def __init__(self, index: SearchIndex, folder: SnapshotFolder) -> None:
        self._index = index
        self._folder = folder
        self._thread: threading.Thread | None = None
        self._found: Snapshot | None = None
        self._not_before = 0.0

    @property
    def may_start(self) -> bool:
        """Whether none runs, and none failed a moment ago."""
        return self._thread is None and time.monotonic() >= self._not_before

    def start(self, state: State, newest: Head, beyond: int) -> None:
        """Begin to merge `state`, which stands at `newest`; the last snapshot stood at `beyond`."""
        self._thread = threading.Thread(
            target=self._run, args=(state, newest, beyond), name="index-merging", daemon=True
        )
        self._thread.start()

    def result(self) -> Snapshot | None:
        """Return the new snapshot, once."""
        if self._thread is None or self._thread.is_alive():
            return None
        found, self._found, self._thread = self._found, None, None
        return found

    def end(self) -> None:
        """Wait a while for a merge that runs; the next start mends what it leaves."""
        if self._thread is not None:
            self._thread.join(ENDED_SECONDS)

    def _run(self, state: State, newest: Head, beyond: int) -> None:
        try:
            with self._folder.locked():
                self._folder.merge(self._index, state, newest, beyond)
                self._found = self._index.read(self._folder.path, newest.base_id)
        except Exception:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            log.error("index_not_merged", exc_info=True)
