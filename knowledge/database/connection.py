"""One object per process that hands out reading and writing transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.orm import Session

BUSY_MILLISECONDS = 30_000  # an import of thousands of rows writes for seconds


class Database:
    """Transactions on the hotline's database (SQLite in WAL mode, or PostgreSQL).

    On SQLite a writing transaction starts with BEGIN IMMEDIATE: two writers
    queue up instead of one failing half way (its read lock cannot be upgraded).
    """

    def __init__(self, url: str) -> None:
        """Connect lazily to `url` (an SQLAlchemy URL)."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(
            self.url, pool_size=20, max_overflow=20, pool_pre_ping=True, hide_parameters=True
        )  # an error that is logged must not repeat what a citizen wrote
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self.writer = self.engine.execution_options(hotline_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction for reading; nothing is kept of it."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a writing transaction: committed at the end, or rolled back whole."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event opens transactions itself
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a committed answer survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("hotline_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
