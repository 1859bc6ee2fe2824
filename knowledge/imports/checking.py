"""The dry run: compares a file with the base, and keeps what would become of each row."""

from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.categories.service import leaf_paths
from knowledge.database import Database
from knowledge.database.bulk import lay_down
from knowledge.departments.service import departments
from knowledge.exchange.plan import Change, Plan
from knowledge.exchange.planning import plan
from knowledge.exchange.sheet import Sheet
from knowledge.imports.claiming import Claim, keep, owner
from knowledge.imports.file import sheet_of
from knowledge.imports.findings import findings, fingerprint
from knowledge.imports.models import ImportJob, ImportRow
from knowledge.imports.service import whole_job
from knowledge.imports.state import Stage, State

PORTION = 1000


class Watched(Protocol):
    """Somebody who is told how far the work is."""

    def enter(self, stage: Stage, total: int = 0) -> None:
        """Begin a stage."""

    def __call__(self, done: int) -> None:
        """Note that `done` rows are done."""


def check(database: Database, held: Claim, progress: Watched) -> None:
    """Compare the file with the base; nothing of it is written.

    Raises:
        ExchangeError: the file as a whole cannot be used.
        NotAllowedError: its owner may import no more.
        LostError: somebody else works on it.
    """
    with database.read() as session:
        job = whole_job(session, held.job_id)
    progress.enter(Stage.READING)
    sheet = sheet_of(job, progress)
    with database.read() as session:
        found = compared(session, job, sheet, progress)
        names = {one.id: one.name for one in departments(session, closed=True)}
        rows = list(findings(job.id, sheet, found, names, leaf_paths(session)))
    with database.write() as session:
        session.execute(delete(ImportRow).where(ImportRow.job_id == job.id))
        for start in range(0, len(rows), PORTION):
            lay_down(session, rows[start : start + PORTION])
        keep(
            session,
            held,
            state=State.CHECKED.value,
            holder=None,
            stage="",
            finished_at=clock.now(),
            plan=fingerprint(found),
            notices=list(sheet.notices),
            wrong=len(sheet.rows) - len(found.steps),
            **{change.value: found.count(change) for change in Change},
        )


def compared(session: Session, job: ImportJob, sheet: Sheet, progress: Watched) -> Plan:
    """Compare a file's rows with the base, as its owner may change it.

    Raises:
        NotAllowedError: the owner may import no more.
    """
    progress.enter(Stage.COMPARING, len(sheet.rows))
    return plan(session, sheet, owner(session, job), progress, submits=job.submits)
