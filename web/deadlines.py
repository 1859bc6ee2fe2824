"""Looks once a minute for corrections that are late, and escalates them."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from knowledge.corrections.lists import escalate, late_ones
from knowledge.database import Database
from web.services import Services

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0


def watch_deadlines(held: Services) -> threading.Thread:
    """Look from now on, beside serving, until the process ends."""
    thread = threading.Thread(target=_watch, args=(held.database,), name="deadlines", daemon=True)
    thread.start()
    return thread


def escalate_late(database: Database) -> int:
    """Escalate what is late; returns how many corrections that were."""
    with database.read() as session:
        if not late_ones(session):
            return 0
    with database.write() as session:
        count = escalate(session)
    log.info("corrections_escalated", count=count)
    return count


def _watch(database: Database) -> None:
    pause = threading.Event()
    while True:
        try:
            escalate_late(database)
        except SQLAlchemyError as error:  # the next minute tries again
            log.warning("corrections_not_escalated", error=type(error).__name__)
        pause.wait(EVERY_SECONDS)
