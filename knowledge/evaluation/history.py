"""Keeps evaluations, tells how far one is, and finds past ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from sqlalchemy import Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from knowledge import clock
from knowledge.audit.service import record
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.evaluation.models import Evaluation
from knowledge.evaluation.questions import ROWS
from knowledge.evaluation.result import Result
from knowledge.evaluation.run import Run
from knowledge.people.actor import Actor, Right, system
from knowledge.privacy.hidden import visible

NAME_LENGTH = 100
LISTED = 100
SILENT = timedelta(seconds=60)  # a process that lives waits at most 30 s for the database
NEWEST = "last"


class State(StrEnum):
    """Where an evaluation stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


STATE_NAMES = {
    State.RUNNING: "进行中",
    State.DONE: "已完成",
    State.FAILED: "失败",
    State.INTERRUPTED: "中断",
}


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a name for people, the file of questions, the index it is asked of.

    `revision` is None where the base is a file's and not the published one.
    """

    file_name: str
    total: int
    models: Sequence[str]
    revision: int | None
    name: str = ""
    notices: Sequence[str] = ()


def checked_name(name: str) -> str:
    """Return a name for an evaluation, without blanks around it.

    Raises:
        ContentError: it is too long.
    """
    name = visible(name).strip()
    if len(name) > NAME_LENGTH:
        raise ContentError({"name": f"名称有 {len(name)} 个字，最多 {NAME_LENGTH} 个，请缩短"})
    return name


def keep(session: Session, actor: Actor, subject: Subject, run: Run) -> Evaluation:
    """Keep an evaluation that was run to its end.

    Raises:
        NotAllowedError: the actor does not evaluate.
        ContentError: the name is too long.
    """
    kept = _begun(actor, subject)
    _complete(kept, run)
    session.add(kept)
    session.flush()
    record(session, actor, "evaluation_kept", _subject(kept), after=_told(kept))
    return kept


def begin(session: Session, actor: Actor, subject: Subject) -> Evaluation:
    """Note that an evaluation starts in this process.

    Raises:
        NotAllowedError, ContentError: as `keep`.
        ConflictError: another one is running.
    """
    started = _begun(actor, subject)
    _release_silent(session)
    started.slot = 1
    session.add(started)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("已有一次评测在进行，请等它结束再开始") from error
    record(session, actor, "evaluation_started", _subject(started), after=_told(started))
    return started


def beat(session: Session, evaluation_id: int, done: int) -> None:
    """Note how many questions are done, and that the process lives."""
    session.execute(_running(evaluation_id).values(done=done, seen_at=clock.now()))


def finish(session: Session, evaluation_id: int, run: Run) -> None:
    """Keep what came out; one that was given up meanwhile stays so."""
    found = session.get(Evaluation, evaluation_id)
    if found is not None and found.state == State.RUNNING:
        _complete(found, run)
        record(session, system(), "evaluation_finished", _subject(found))


def give_up(session: Session, evaluation_id: int, state: State, problem: str) -> None:
    """Note that an evaluation came to no end."""
    ended = {"state": state.value, "slot": None, "problem": problem, "finished_at": clock.now()}
    if session.execute(_running(evaluation_id).values(**ended).returning(Evaluation.id)).first():
        after = {"state": state.value}
        record(session, system(), "evaluation_stopped", f"evaluation:{evaluation_id}", after=after)


def state_of(evaluation: Evaluation) -> State:
    """Return where it stands: who is silent for long was interrupted."""
    state = State(evaluation.state)
    if state is State.RUNNING and clock.now() - evaluation.seen_at > SILENT:
        return State.INTERRUPTED
    return state


def evaluations(session: Session, actor: Actor, limit: int = LISTED) -> Sequence[Evaluation]:
    """Return the newest evaluations, newest first, without their results.

    Raises:
        NotAllowedError: the actor does not evaluate.
    """
    _require(actor)
    return session.scalars(select(Evaluation).order_by(Evaluation.id.desc()).limit(limit)).all()


def evaluation(session: Session, actor: Actor, wanted: int | str) -> Evaluation:
    """Return an evaluation by its number, or the newest that is complete (“last”).

    Raises:
        NotAllowedError, NotFoundError
    """
    _require(actor)
    query = select(Evaluation).options(undefer(Evaluation.results))
    if wanted == NEWEST:
        query = query.where(Evaluation.state == State.DONE).order_by(Evaluation.id.desc()).limit(1)
    elif (number := str(wanted)).isascii() and number.isdigit() and len(number) < 10:
        query = query.where(Evaluation.id == int(number))
    else:
        raise NotFoundError(f"“{wanted}”不是评测的编号，请填数字或 {NEWEST}")
    found = session.scalar(query)
    if found is None:
        what = "完成的评测" if wanted == NEWEST else f"编号为 {wanted} 的评测"
        raise NotFoundError(f"没有{what}，请用 hotline eval --history 或评测页面查看已有的")
    return found


def results_of(evaluation: Evaluation) -> tuple[Result, ...]:
    """Return what became of its questions.

    Raises:
        ConflictError: it is not complete.
    """
    if evaluation.results is None:
        name = STATE_NAMES[state_of(evaluation)]
        raise ConflictError(f"编号为 {evaluation.id} 的评测没有结果（{name}）")
    return tuple(map(Result.from_json, evaluation.results))


def _begun(actor: Actor, subject: Subject) -> Evaluation:
    _require(actor)
    file_name = visible(PurePosixPath(subject.file_name).name)[:NAME_LENGTH] or "问题"
    instant = clock.now()
    return Evaluation(
        name=checked_name(subject.name) or file_name,
        file_name=file_name,
        actor_id=actor.user_id,
        actor_name=actor.name,
        revision=subject.revision,
        models="、".join(subject.models)[:255],
        state=State.RUNNING.value,
        done=0,
        total=subject.total,
        started_at=instant,
        seen_at=instant,
        notices=list(subject.notices),
    )


def _complete(found: Evaluation, run: Run) -> None:
    found.state, found.slot = State.DONE.value, None
    found.done, found.finished_at = len(run.results), clock.now()
    found.metrics = run.metrics
    found.results = [result.as_json() for result in run.results[:ROWS]]


def _release_silent(session: Session) -> None:
    """Let go of an evaluation whose process ended without a word."""
    silent = update(Evaluation).where(
        Evaluation.state == State.RUNNING, Evaluation.seen_at < clock.now() - SILENT
    )
    session.execute(silent.values(state=State.INTERRUPTED.value, slot=None))


def _running(evaluation_id: int) -> Update:
    return update(Evaluation).where(
        Evaluation.id == evaluation_id, Evaluation.state == State.RUNNING
    )


def _subject(found: Evaluation) -> str:
    return f"evaluation:{found.id}"


def _told(found: Evaluation) -> dict[str, object]:
    return {"name": found.name, "file": found.file_name, "questions": found.total}


def _require(actor: Actor) -> None:
    if not actor.may(Right.EVALUATE):
        raise NotAllowedError("只有热线知识管理员和系统管理员可以评测")
