"""After a bulk change: the strong encoder's vectors follow, while the fast one's serve."""

import fcntl
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from embeddings.index import Document, SearchIndex

log = structlog.get_logger(__name__)

PORTION = 128  # entries put in place at once
TEXTS = 64  # encoded before another process may go on
AGAIN_SECONDS = 600.0
ENDED_SECONDS = 10.0


@dataclass(frozen=True)
class Indexing:
    """How many phrasings of a bulk change are ranked by all encoders."""

    done: int
    total: int


class Strengthening:
    """Encodes in a thread of its own; its owner's thread puts in place what is ready.

    Processes take turns by a file's lock: what one has encoded the others find in the cache,
    so together they encode everything once.
    """

    def __init__(self, index: SearchIndex, lock: Path) -> None:
        self._index = index
        self._lock = lock
        self._thread: threading.Thread | None = None
        self._ready: queue.SimpleQueue[list[Document]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._not_before = 0.0
        self.indexing: Indexing | None = None

    def tend(self) -> bool:
        """Put in place what is ready, go on with the rest; tells whether something is left."""
        alive = self._thread is not None and self._thread.is_alive()
        while not self._ready.empty():
            self._place(self._ready.get())
        early = self._index.state.early
        if not early:
            self._thread = self.indexing = None
            return False
        if not alive and time.monotonic() >= self._not_before:
            self._thread = threading.Thread(
                target=self._run, args=(early,), name="index-strengthening", daemon=True
            )
            self._thread.start()
        return True

    def end(self) -> None:
        """Stop; what is left is encoded by the process that starts next."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(ENDED_SECONDS)

    def _place(self, portion: Sequence[Document]) -> None:
        """An entry that changed meanwhile waits for its own turn."""
        current = {one.id: one for one in self._index.state.early}
        self._index.upsert([one for one in portion if current.get(one.id) == one])

    def _run(self, documents: Sequence[Document]) -> None:
        total, done = sum(len(_texts(one)) for one in documents), 0
        self.indexing = Indexing(0, total)
        started = time.monotonic()
        try:
            for start in range(0, len(documents), PORTION):
                portion = list(documents[start : start + PORTION])
                texts = [text for one in portion for text in _texts(one)]
                for at in range(0, len(texts), TEXTS):
                    if self._stop.is_set():
                        return
                    with self._turn():
                        self._index.encode_ahead(texts[at : at + TEXTS])
                    self.indexing = Indexing(min(done + at + TEXTS, done + len(texts)), total)
                done += len(texts)
                self._ready.put(portion)
            seconds = round(time.monotonic() - started, 1)
            log.info("index_strengthened", entries=len(documents), seconds=seconds)
        except Exception:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            log.error("index_not_strengthened", exc_info=True)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _texts(document: Document) -> tuple[str, ...]:
    return (*document.phrasings, *document.negatives)
