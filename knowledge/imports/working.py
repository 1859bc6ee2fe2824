"""Checks and imports the files that wait: a thread of each web process, one file at a time."""

import secrets
import threading
import time

import structlog
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.errors import ConflictError, KnowledgeError
from knowledge.imports.carrying import carry
from knowledge.imports.checking import check
from knowledge.imports.claiming import Claim, LostError, beat, claim, end
from knowledge.imports.state import Stage, State
from knowledge.review.deadlines import Deadlines

log = structlog.get_logger(__name__)

BEAT_SECONDS = 0.5
PAUSE_SECONDS = 0.004  # now and then: citizens' searches come first
CLOSE_SECONDS = 15.0

STALE = "您检查之后，知识库里有关的内容变了，一行也没有导入。请重新检查，看过再导入。"


class StoppedError(Exception):
    """The process ends while a file is worked on."""


class Worker:
    """The web process's imports; what they come to is kept in the database."""

    def __init__(self, database: Database, deadlines: Deadlines) -> None:
        self._database = database
        self._deadlines = deadlines
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Work off what waits, if no thread does so already."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is worked on; tells whether that is so."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def close(self) -> None:
        """Break off: the file is kept as interrupted, with nothing half imported."""
        self._stop.set()
        self.wait(CLOSE_SECONDS)

    def _work(self) -> None:
        while True:
            with self._lock:
                held = self._next()
                if held is None:
                    self._thread = None
                    return
            self._run(held)

    def _next(self) -> Claim | None:
        if self._stop.is_set():
            return None
        try:
            with self._database.write() as session:
                return claim(session, secrets.token_hex(8))
        except Exception:
            log.error("imports_not_claimed", exc_info=True)
            return None

    def _run(self, held: Claim) -> None:
        progress = Progress(self._database, held, self._stop)
        try:
            if held.state is State.CHECKING:
                check(self._database, held, progress)
            else:
                carry(self._database, held, progress, self._deadlines)
            log.info("import_step_done", job=held.job_id, state=held.state.value)
        except LostError:
            log.warning("import_lost", job=held.job_id)
        except StoppedError:
            self._end(held, State.INTERRUPTED, "服务重新启动，这一步中断了，一行也没有导入。")
        except (ConflictError, IntegrityError):
            self._end(held, State.STALE, STALE)
        except KnowledgeError as error:
            self._end(held, State.FAILED, str(error))
        except Exception:
            log.error("import_failed", job=held.job_id, exc_info=True)
            self._end(held, State.FAILED, "系统出错了，已经记录下来，一行也没有导入。请稍后再试。")

    def _end(self, held: Claim, state: State, problem: str) -> None:
        try:
            with self._database.write() as session:
                end(session, held, state, problem)
        except Exception:  # it will be found silent
            log.error("import_not_ended", job=held.job_id, exc_info=True)


class Progress:
    """Says now and then how far a file is, and ends the work when it must."""

    def __init__(self, database: Database, held: Claim, stop: threading.Event) -> None:
        self._database = database
        self._held = held
        self._stop = stop
        self._stage = Stage.READING
        self._total = 0
        self._told_at = 0.0

    def enter(self, stage: Stage, total: int = 0) -> None:
        """Begin a stage of `total` rows (0: not known)."""
        self._stage, self._total, self._told_at = stage, total, 0.0
        self(0)

    def __call__(self, done: int) -> None:
        """Note that `done` rows are done.

        Raises:
            StoppedError, LostError
        """
        if self._stop.wait(PAUSE_SECONDS):
            raise StoppedError
        if time.monotonic() - self._told_at >= BEAT_SECONDS:
            with self._database.write() as session:
                beat(session, self._held, self._stage, done, self._total)
            self._told_at = time.monotonic()
