"""Imports a file as a whole, or not at all."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from knowledge.database import Database
from knowledge.exchange.carrying import Progress, carry_out
from knowledge.exchange.founding import add_missing
from knowledge.exchange.plan import Change, Step
from knowledge.exchange.planning import plan
from knowledge.exchange.preparing import prepare
from knowledge.exchange.reading import read_rows
from knowledge.exchange.sheet import Options, Sheet, Wrong
from knowledge.exchange.stamp import stamp
from knowledge.people.actor import Actor

TRIES = 3  # before others' changes are kept waiting while the file is compared


@dataclass(frozen=True)
class Report:
    """What an import did, or why it did nothing.

    `new`, `changed`, `unchanged` count rows; `added` names new departments and
    categories. Where `wrong` is not empty, or `written` is False, nothing was written.
    """

    new: int
    changed: int
    unchanged: int
    wrong: tuple[Wrong, ...] = ()
    added: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    written: bool = False


def apply(
    database: Database,
    actor: Actor,
    path: Path,
    progress: Progress | None = None,
    options: Options | None = None,
) -> Report:
    """Import a file in one transaction; when a row is wrong, nothing is written.

    Args:
        progress: called with rows done and rows in all.

    Raises:
        ExchangeError: the file as a whole cannot be used.
        NotAllowedError: the actor may not create departments or categories.
    """
    return _imported(database, actor, path, options or Options(), progress, keep=True)


def check(database: Database, actor: Actor, path: Path, options: Options | None = None) -> Report:
    """Report what `apply` would do; nothing is written. Raises as `apply`."""
    return _imported(database, actor, path, options or Options(), None, keep=False)


def _imported(
    database: Database,
    actor: Actor,
    path: Path,
    options: Options,
    progress: Progress | None,
    keep: bool,
) -> Report:
    """Compare and prepare beside the others' work; lock the database only to write."""
    sheet = read_rows(path, options)
    founds = options.create_departments or options.create_categories
    for _ in range(0 if founds else TRIES):
        with database.read() as session:
            mark = stamp(session)
            report, steps = _judged(session, actor, sheet)
            if report.wrong or not keep:
                return report
            work = prepare(session, actor, steps)
        with database.write() as session:
            if stamp(session) == mark:
                carry_out(session, actor, work, len(steps), progress)
                return replace(report, written=True)
    return _imported_locked(database, actor, sheet, options, progress, keep)


def _imported_locked(
    database: Database,
    actor: Actor,
    sheet: Sheet,
    options: Options,
    progress: Progress | None,
    keep: bool,
) -> Report:
    """Do all of it in one writing transaction: nobody can come in between."""
    try:
        with database.write() as session:
            added = add_missing(session, actor, sheet, options)
            report, steps = _judged(session, actor, sheet)
            report = replace(report, added=added)
            if report.wrong or not keep:
                raise _NothingWrittenError(report)
            session.flush()
            carry_out(session, actor, prepare(session, actor, steps), len(steps), progress)
    except _NothingWrittenError as end:
        return end.report
    return replace(report, written=True)


class _NothingWrittenError(Exception):
    """Ends the transaction without a trace."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def _judged(session: Session, actor: Actor, sheet: Sheet) -> tuple[Report, tuple[Step, ...]]:
    found = plan(session, sheet, actor)
    report = Report(
        new=found.count(Change.NEW),
        changed=found.count(Change.CHANGED),
        unchanged=found.count(Change.UNCHANGED),
        wrong=found.wrong,
        notices=sheet.notices,
    )
    return report, found.steps
