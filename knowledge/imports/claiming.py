"""Which process works on which file, as the database knows it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.errors import NotAllowedError
from knowledge.imports.models import ImportJob
from knowledge.imports.state import WAITING, Stage, State
from knowledge.people.actor import Actor, Right
from knowledge.people.models import User
from knowledge.people.service import as_actor


class LostError(Exception):
    """The file was taken over, or given up, by somebody else."""


@dataclass(frozen=True)
class Claim:
    """A file that this process works on."""

    job_id: int
    state: State
    holder: str


def claim(session: Session, holder: str) -> Claim | None:
    """Take the oldest file that waits; None where none does."""
    waiting = [state.value for state in WAITING]
    query = select(ImportJob.id, ImportJob.state).where(ImportJob.state.in_(waiting))
    found = session.execute(query.order_by(ImportJob.seen_at, ImportJob.id).limit(1)).first()
    if found is None:
        return None
    state = State.CHECKING if found.state == State.QUEUED else State.IMPORTING
    taken = session.execute(
        update(ImportJob)
        .where(ImportJob.id == found.id, ImportJob.state == found.state)
        .values(
            state=state.value, holder=holder, seen_at=clock.now(),
            stage=Stage.READING.value, done=0, total=0,
        )
        .returning(ImportJob.id)
    ).first()  # fmt: skip
    return Claim(found.id, state, holder) if taken is not None else None


def owner(session: Session, job: ImportJob) -> Actor:
    """Return the person whose file it is, with the rights of this instant.

    Raises:
        NotAllowedError: the account was closed, or may write nothing any more.
    """
    user = session.get(User, job.owner_id)
    if user is None or not user.active:
        raise NotAllowedError("上传这个文件的账号已停用，没有导入")
    person = as_actor(session, user, job.address)
    if not person.may(Right.EDIT_ENTRIES):
        raise NotAllowedError("您现在没有采编条目的权限，没有导入")
    return person


def beat(session: Session, held: Claim, stage: Stage, done: int, total: int) -> None:
    """Note how far it is, and that the process lives.

    Raises:
        LostError
    """
    keep(session, held, stage=stage.value, done=done, total=total)


def keep(session: Session, held: Claim, **values: Any) -> None:
    """Write onto a file that is still this process's.

    Raises:
        LostError
    """
    fields = {"seen_at": clock.now()} | values
    if session.execute(_held(held).values(**fields).returning(ImportJob.id)).first() is None:
        raise LostError


def end(session: Session, held: Claim, state: State, problem: str) -> None:
    """Note that the work came to no good end; one that was taken over stays as it is."""
    values = {"state": state.value, "problem": problem, "finished_at": clock.now(), "holder": None}
    found = session.execute(_held(held).values(**values).returning(ImportJob.id)).first()
    if found is not None:
        subject, after = f"import:{held.job_id}", {"state": state.value}
        job = session.get_one(ImportJob, held.job_id)
        who = Actor(job.owner_id, job.owner_name, address=job.address)
        record(session, who, "import_stopped", subject, after=after)


def _held(held: Claim) -> Update:
    return update(ImportJob).where(
        ImportJob.id == held.job_id,
        ImportJob.state == held.state.value,
        ImportJob.holder == held.holder,
    )
