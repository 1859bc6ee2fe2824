"""What commands share: settings, database, messages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from knowledge.database import Database
from knowledge.database.migrate import check
from knowledge.settings import Settings, load_settings


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """Open the database that the settings name.

    Raises:
        SettingsError: a setting has a bad value.
        SchemaError: the database is not of this release.
    """
    database = Database((settings or load_settings()).database)
    try:
        check(database)
        yield database
    finally:
        database.close()


def log_beside() -> None:
    """Send log lines to standard error: what a command prints may be read by a program."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
