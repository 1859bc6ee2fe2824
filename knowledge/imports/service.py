"""Take a file to be imported, order its import, and show how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from knowledge import clock
from knowledge.audit.service import record
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.imports.models import ImportJob, ImportRow
from knowledge.imports.state import AT_REST, AT_WORK, WAITING, Outcome, State, state_of
from knowledge.paging import Page, existing
from knowledge.people.actor import Actor, Right

KEPT = timedelta(days=14)
LISTED = 30
AT_ONCE = 3  # files of one person that wait or are worked on
FILE_BYTES = 20 * 2**20
NAME_LENGTH = 100
PAGE_SIZE = 50


@dataclass(frozen=True)
class Sent:
    """A file, what it is called, and how it is to be imported.

    `department`, `category` fill empty cells; `submits`: to the review, not only as drafts.
    """

    name: str
    content: bytes
    department: str = ""
    category: str = ""
    submits: bool = False


def begin(session: Session, actor: Actor, sent: Sent) -> ImportJob:
    """Keep a file to be checked.

    Raises:
        NotAllowedError: the actor writes no entries.
        ContentError: the file is empty or too large.
        ConflictError: this person's earlier files are not done yet.
    """
    if actor.user_id is None or not actor.may(Right.EDIT_ENTRIES):
        raise NotAllowedError("只有采编条目的人可以导入")
    if not sent.content:
        raise ContentError({"file": "这个文件是空的，请选择填好的表格"})
    if len(sent.content) > FILE_BYTES:
        most = FILE_BYTES // 2**20
        raise ContentError({"file": f"文件超过 {most} MB，请拆成几个文件，分几次导入"})
    busy = sum(state_of(one) in WAITING | AT_WORK for one in _own(session, actor))
    if busy >= AT_ONCE:
        raise ConflictError(f"您已有 {busy} 个文件在处理，请等其中一个完成再上传")
    _forget_old(session)
    instant = clock.now()
    job = ImportJob(
        owner_id=actor.user_id,
        owner_name=actor.name,
        address=actor.address[:64],
        file_name=sent.name[-NAME_LENGTH:],
        content=sent.content,
        department=sent.department,
        category=sent.category,
        submits=sent.submits,
        state=State.QUEUED.value,
        created_at=instant,
        seen_at=instant,
        notices=[],
    )
    session.add(job)
    session.flush()
    after = {"file": job.file_name, "bytes": len(sent.content)}
    record(session, actor, "import_checked", f"import:{job.id}", after=after)
    return job


def order(session: Session, actor: Actor, job_id: int, *, partly: bool) -> ImportJob:
    """Have a checked file imported: all of it, or (`partly`) the rows without faults.

    Raises:
        NotFoundError: not this person's.
        ConflictError: it is not checked, or has faults, or nothing to write.
    """
    job = _at_rest(session, actor, job_id)
    if state_of(job) is not State.CHECKED:
        raise ConflictError("检查完了才能导入，请先重新检查")
    if job.wrong and not partly:
        raise ConflictError(f"还有 {job.wrong} 行有错误，一行也没有导入；请改好后再上传")
    if not job.new + job.changed:
        raise ConflictError("没有新增也没有修改，不用导入")
    job.partly = bool(job.wrong) and partly
    _wait(job, State.ORDERED)
    after = {"file": job.file_name, "partly": job.partly}
    record(session, actor, "import_ordered", f"import:{job.id}", after=after)
    return job


def check_again(session: Session, actor: Actor, job_id: int) -> ImportJob:
    """Have the file compared anew with the base as it is now.

    Raises:
        NotFoundError: not this person's.
        ConflictError: somebody works on it, or it was imported.
    """
    job = _at_rest(session, actor, job_id)
    _wait(job, State.QUEUED)
    record(session, actor, "import_checked", f"import:{job.id}", after={"file": job.file_name})
    return job


def jobs(session: Session, actor: Actor) -> Sequence[ImportJob]:
    """Return the person's newest imports, newest first."""
    query = select(ImportJob).where(ImportJob.owner_id == actor.user_id)
    return session.scalars(query.order_by(ImportJob.id.desc()).limit(LISTED)).all()


def job(session: Session, actor: Actor, job_id: int, *, whole: bool = False) -> ImportJob:
    """Return one of the person's imports; `whole`: with the file.

    Raises:
        NotFoundError: not this person's.
    """
    query = select(ImportJob).where(ImportJob.id == job_id, ImportJob.owner_id == actor.user_id)
    found = session.scalar(query.options(undefer(ImportJob.content)) if whole else query)
    if found is None:
        raise NotFoundError("没有这次导入，或者它已过期清除；请回到导入页面重新上传")
    return found


def whole_job(session: Session, job_id: int) -> ImportJob:
    """Return an import with its file, whoever's it is: for the process that works on it."""
    return session.get_one(ImportJob, job_id, options=[undefer(ImportJob.content)])


def rows(
    session: Session, found: ImportJob, outcome: Outcome | None, number: int
) -> Page[ImportRow]:
    """Return page `number` of a checked file's rows, the faulty ones first."""
    query = select(ImportRow).where(ImportRow.job_id == found.id)
    if outcome is not None:
        query = query.where(ImportRow.outcome == outcome.value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = existing(number, total, PAGE_SIZE)
    faulty_first = (ImportRow.outcome != Outcome.WRONG.value, ImportRow.number)
    shown = query.order_by(*faulty_first).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(session.scalars(shown).all(), total, number, PAGE_SIZE)


def faults(session: Session, found: ImportJob) -> dict[int, list[list[str]]]:
    """Return the faults of each faulty row: cell, column, reason, mend."""
    query = select(ImportRow.number, ImportRow.faults).where(
        ImportRow.job_id == found.id, ImportRow.outcome == Outcome.WRONG.value
    )
    return dict(session.execute(query).all())


def _own(session: Session, actor: Actor) -> Sequence[ImportJob]:
    busy = {state.value for state in WAITING | AT_WORK}
    query = select(ImportJob).where(ImportJob.owner_id == actor.user_id, ImportJob.state.in_(busy))
    return session.scalars(query).all()


def _at_rest(session: Session, actor: Actor, job_id: int) -> ImportJob:
    found = job(session, actor, job_id)
    session.refresh(found, with_for_update=True)  # of two clicks the second waits here
    state = state_of(found)
    if state is State.DONE:
        raise ConflictError("这个文件已经导入了")
    if state not in AT_REST:
        raise ConflictError("这个文件正在处理，请稍等")
    return found


def _wait(found: ImportJob, state: State) -> None:
    found.state, found.stage, found.holder = state.value, "", None
    found.done = found.total = 0
    found.seen_at, found.finished_at, found.problem = clock.now(), None, ""


def _forget_old(session: Session) -> None:
    old = select(ImportJob.id).where(ImportJob.created_at < clock.now() - KEPT)
    session.execute(delete(ImportRow).where(ImportRow.job_id.in_(old)))
    session.execute(delete(ImportJob).where(ImportJob.created_at < clock.now() - KEPT))
