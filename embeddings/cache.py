"""Vectors that were computed once, kept by model and text."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from embeddings.encoders.interface import Encoder, Vectors
from embeddings.encoders.soundness import sound
from embeddings.errors import VectorsError

PORTION = 64
ASKED_AT_ONCE = 500
PAGE = 16_384  # of a new file: a vector fits in its row, and needs no page of its own
WAIT_SECONDS = 30.0  # for another process that writes

Progress = Callable[[int, int], None]


class VectorCache:
    """An SQLite file of vectors; threads and processes may share it.

    It holds nothing that cannot be computed again: a damaged file is set aside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = self._open()

    @property
    def folder(self) -> Path:
        """Where the file lies."""
        return self._path.parent

    def encode(
        self, encoder: Encoder, texts: Sequence[str], progress: Progress | None = None
    ) -> Vectors:
        """Return float32 (len(texts), dimension): from the cache, or encoded and kept now.

        Raises:
            EncoderError: the encoder returned vectors of another shape.
            VectorsError: some of its vectors are no numbers; the others are kept.
        """
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        known = self._known(encoder, keys)
        missing = list(
            {key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items()
        )
        done = len(texts) - len(missing)
        spoilt: set[str] = set()
        for start in range(0, len(missing), PORTION):
            portion = missing[start : start + PORTION]
            vectors = encoder.encode([text for _, text in portion])
            usable = sound(encoder, vectors, len(portion))
            fresh = {key: vectors[at] for at, (key, _) in enumerate(portion) if usable[at]}
            spoilt.update(text for at, (_, text) in enumerate(portion) if not usable[at])
            self._keep(encoder, fresh)
            known.update(fresh)
            if progress is not None:
                progress(done + start + len(portion), len(texts))
        if spoilt:
            raise VectorsError(encoder.model_id, frozenset(spoilt))
        found = np.empty((len(texts), encoder.dimension), dtype=np.float32)
        for at, key in enumerate(keys):
            found[at] = known[key]
        return found

    def keep(self, encoder: Encoder, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors (len(texts), dimension) that were computed elsewhere."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        self._keep(encoder, dict(zip(keys, vectors, strict=True)))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.OperationalError:
            raise  # locked, or a disk that is full: the file itself is sound
        except sqlite3.DatabaseError:
            self._path.replace(self._path.with_suffix(".damaged"))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text BLOB, vector BLOB,"
            " PRIMARY KEY (model, text)) WITHOUT ROWID"
        )
        return connection

    def _known(self, encoder: Encoder, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        wanted = sorted(set(keys))  # in the order of the file
        size = encoder.dimension * 4
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            portion = wanted[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(portion))
            query = f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({marks})"  # noqa: S608
            with self._lock:
                rows = self._connection.execute(query, [encoder.model_id, *portion]).fetchall()
            for key, blob in rows:
                if len(blob) == size:
                    known[key] = np.frombuffer(blob, dtype="<f4")
        return known

    def _keep(self, encoder: Encoder, fresh: dict[bytes, Vectors]) -> None:
        rows = [
            (encoder.model_id, key, vector.astype("<f4").tobytes()) for key, vector in fresh.items()
        ]
        with self._writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
