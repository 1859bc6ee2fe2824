"""The import itself: what was checked, whole and in one transaction, or nothing."""

from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.database import Database
from knowledge.errors import ConflictError
from knowledge.exchange.carrying import carry_out
from knowledge.exchange.plan import Plan
from knowledge.exchange.preparing import Work, prepare
from knowledge.exchange.sheet import Sheet
from knowledge.exchange.stamp import stamp
from knowledge.imports.checking import Watched, compared
from knowledge.imports.claiming import Claim, keep, owner
from knowledge.imports.file import sheet_of
from knowledge.imports.findings import fingerprint
from knowledge.imports.models import ImportJob
from knowledge.imports.service import whole_job
from knowledge.imports.state import Stage, State
from knowledge.people.actor import Actor
from knowledge.review.deadlines import Deadlines

TRIES = 3  # before others are kept waiting while the file is compared


class ChangedError(ConflictError):
    """The base is not what the file was checked against."""


def carry(database: Database, held: Claim, progress: Watched, deadlines: Deadlines) -> None:
    """Import the file; the base is locked only while the rows are written.

    Raises:
        ConflictError: what the check found is no longer so.
        ExchangeError, NotAllowedError, LostError: as in `check`.
    """
    with database.read() as session:
        job = whole_job(session, held.job_id)
    progress.enter(Stage.READING)
    sheet = sheet_of(job, progress)
    for _ in range(TRIES):
        with database.read() as session:
            mark = stamp(session)
            found, work, actor = _ready(session, job, sheet, progress, deadlines)
        progress.enter(Stage.WRITING)
        with database.write() as session:
            if stamp(session) == mark:
                _write(session, actor, held, job, found, work)
                return
    with database.write() as session:
        found, work, actor = _ready(session, job, sheet, _Quiet(), deadlines)
        _write(session, actor, held, job, found, work)


class _Quiet:
    """Hears how far the work is where nobody could be told: the database is locked."""

    def enter(self, stage: Stage, total: int = 0) -> None:
        """Begin a stage."""

    def __call__(self, done: int) -> None:
        """Note that `done` rows are done."""


def _ready(
    session: Session, job: ImportJob, sheet: Sheet, progress: Watched, deadlines: Deadlines
) -> tuple[Plan, Work, Actor]:
    actor = owner(session, job)
    found = compared(session, job, sheet, progress)
    if fingerprint(found) != job.plan:
        raise ChangedError
    progress.enter(Stage.PREPARING, found.count_new())
    due = deadlines.department_due() if job.submits else None
    return found, prepare(session, actor, found.steps, due, progress), actor


def _write(
    session: Session, actor: Actor, held: Claim, job: ImportJob, found: Plan, work: Work
) -> None:
    done = {"state": State.DONE.value, "holder": None, "stage": "", "content": None}
    keep(session, held, finished_at=clock.now(), **done)
    carry_out(session, actor, work, len(found.steps))
    after = {
        "file": job.file_name, "new": job.new, "changed": job.changed, "left_out": job.wrong,
        "submitted": job.submits,
    }  # fmt: skip
    record(session, actor, "entries_imported", f"import:{job.id}", after=after)
