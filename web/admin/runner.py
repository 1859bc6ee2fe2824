"""Runs one evaluation at a time beside serving, in a thread of the web process."""

import threading
import time

import structlog

from knowledge.database import Database
from knowledge.errors import KnowledgeError
from knowledge.evaluation.history import State, Subject, beat, begin, finish, give_up
from knowledge.evaluation.live import (
    Published,
    names_of,
    notice_of_validity,
    published,
    run_live,
)
from knowledge.evaluation.questions import Questions, read_questions
from knowledge.people.actor import Actor
from knowledge.search.service import SearchService
from web.admin.upload import Upload

log = structlog.get_logger(__name__)

BEAT_SECONDS = 1.0
PAUSE_SECONDS = 0.005  # after each question: citizens' searches come first
CLOSE_SECONDS = 10.0


class NotReadyError(KnowledgeError):
    """The index is not open yet."""


class _StoppedError(Exception):
    """The process ends while an evaluation runs."""


class Runner:
    """The web process's evaluations; what they come to is kept in the database."""

    def __init__(self, database: Database, search: SearchService) -> None:
        self._database = database
        self._search = search
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, actor: Actor, upload: Upload, name: str) -> int:
        """Read the questions, and begin to ask them; returns the evaluation's number.

        Raises:
            NotReadyError: the index is still being opened.
            ExchangeError, QuestionsError: the file cannot be used.
            NotAllowedError, ContentError, ConflictError: as `history.begin`.
        """
        if not self._search.ready:
            raise NotReadyError("检索索引还没准备好，请过一分钟再开始")
        base = published(self._database, self._search.replica)
        questions = read_questions(upload.path, names_of(base))
        notices = [*questions.notices, *notice_of_validity(base, questions.cases)]
        total = len(questions.cases)
        subject = Subject(upload.name, total, base.models, base.revision, name, notices)
        with self._database.write() as session:
            number = begin(session, actor, subject).id
        self._thread = threading.Thread(
            target=self._run, args=(number, base, questions), name="evaluation", daemon=True
        )
        self._thread.start()
        return number

    def wait(self, seconds: float) -> bool:
        """Wait for the evaluation that runs, if one does; tells whether none does any more."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def close(self) -> None:
        """Break off; the evaluation is kept as interrupted."""
        self._stop.set()
        self.wait(CLOSE_SECONDS)

    def _run(self, number: int, base: Published, questions: Questions) -> None:
        try:
            run = run_live(self._search.replica, base, questions.cases, self._progress(number))
            with self._database.write() as session:
                finish(session, number, run)
            log.info("evaluation_finished", evaluation=number, questions=len(run.results))
        except _StoppedError:
            self._give_up(number, State.INTERRUPTED, "服务重新启动，评测中断了，请重新开始")
        except Exception:
            log.error("evaluation_failed", evaluation=number, exc_info=True)
            self._give_up(number, State.FAILED, "系统出错了，已经记录下来，请稍后重新开始")

    def _progress(self, number: int) -> "_Progress":
        return _Progress(self._database, self._stop, number)

    def _give_up(self, number: int, state: State, problem: str) -> None:
        with self._database.write() as session:
            give_up(session, number, state, problem)


class _Progress:
    """Called after each question: says so now and then, and ends the run when it must."""

    def __init__(self, database: Database, stop: threading.Event, number: int) -> None:
        self._database = database
        self._stop = stop
        self._number = number
        self._told_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:  # noqa: ARG002
        if self._stop.wait(PAUSE_SECONDS):
            raise _StoppedError
        if time.monotonic() - self._told_at >= BEAT_SECONDS:
            with self._database.write() as session:
                beat(session, self._number, done)
            self._told_at = time.monotonic()
