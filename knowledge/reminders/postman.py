"""Looks once a minute whether reminders are to be sent; each web process has one."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from knowledge.database import Database
from knowledge.reminders.mail import is_set_up
from knowledge.reminders.service import remind
from knowledge.settings import Settings

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0


class Postman:
    """A thread that sends what is due, where mail is set up."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look; without a mail server there is nothing to do."""
        if is_set_up(self._settings):
            self._thread = threading.Thread(target=self._run, name="postman", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End; a mail that is being handed over is finished, or sent anew after a while."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                remind(self._database, self._settings)
            except SQLAlchemyError as error:  # the next minute tries again
                log.warning("reminders_unreachable", reason=type(error).__name__)
            except Exception:
                log.error("reminders_failed", exc_info=True)
            self._stop.wait(EVERY_SECONDS)
