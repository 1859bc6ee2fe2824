"""Imports a file as a whole, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from knowledge.categories.service import leaf_paths
from knowledge.database import Database
from knowledge.entries.batch import (
    Beginning,
    Rewording,
    create_all,
    feature_all,
    publish_all,
    save_all,
)
from knowledge.entries.models import Entry
from knowledge.exchange.columns import BY_NAME
from knowledge.exchange.founding import add_missing
from knowledge.exchange.holdings import entries
from knowledge.exchange.plan import Change, Plan, Step
from knowledge.exchange.planning import plan
from knowledge.exchange.reading import read_rows
from knowledge.exchange.sheet import Options, Sheet, Wrong
from knowledge.people.actor import Actor, Right

PORTION = 500

Progress = Callable[[int, int], None]


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
    sheet = read_rows(path, options)
    try:
        with database.write() as session:
            report, steps = _judged(session, actor, sheet, options)
            if report.wrong or not keep:
                raise _NothingWrittenError(report)
            _carry_out(session, actor, steps, progress)
    except _NothingWrittenError as end:
        return end.report
    return replace(report, written=True)


class _NothingWrittenError(Exception):
    """Ends the transaction without a trace."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def _judged(
    session: Session, actor: Actor, sheet: Sheet, options: Options
) -> tuple[Report, tuple[Step, ...]]:
    added = add_missing(session, actor, sheet, options)
    found = plan(session, sheet)
    wrong = [*found.wrong, *_forbidden(actor, found)]
    report = Report(
        new=found.count(Change.NEW),
        changed=found.count(Change.CHANGED),
        unchanged=found.count(Change.UNCHANGED),
        wrong=tuple(sorted(wrong, key=lambda one: one.row)),
        added=added,
        notices=sheet.notices,
    )
    return report, found.steps


def _forbidden(actor: Actor, found: Plan) -> list[Wrong]:
    """Return the rows of departments whose entries the actor may not edit."""
    column = BY_NAME["department"].title
    return [
        Wrong(step.row, column, "不是您可以修改的部门", "请删去这一行")
        for step in found.steps
        if step.change is not Change.UNCHANGED
        and not actor.may(Right.EDIT_ENTRIES, step.department_id)
    ]


def _carry_out(
    session: Session, actor: Actor, steps: tuple[Step, ...], progress: Progress | None
) -> None:
    leaves = leaf_paths(session)
    for start in range(0, len(steps), PORTION):
        portion = steps[start : start + PORTION]
        _add(session, actor, [step for step in portion if step.change is Change.NEW], leaves)
        _change(session, actor, [step for step in portion if step.change is Change.CHANGED], leaves)
        if progress is not None:
            progress(start + len(portion), len(steps))


def _add(session: Session, actor: Actor, steps: list[Step], leaves: dict[int, str]) -> None:
    wanted = [
        Beginning(step.department_id, step.content, step.code, bool(step.featured))
        for step in steps
    ]
    created = create_all(session, actor, wanted, leaves)
    _publish(session, actor, steps, created)


def _change(session: Session, actor: Actor, steps: list[Step], leaves: dict[int, str]) -> None:
    held = entries(session, [step.entry_id for step in steps if step.entry_id is not None])
    touched = [held[step.entry_id] for step in steps if step.entry_id is not None]
    pairs = list(zip(steps, touched, strict=True))
    featured = [(entry, step.featured) for step, entry in pairs if step.featured is not None]
    feature_all(session, actor, featured)
    reworded = [Rewording(entry, step.content) for step, entry in pairs if step.saves]
    save_all(session, actor, reworded, leaves)
    _publish(session, actor, steps, touched)


def _publish(session: Session, actor: Actor, steps: list[Step], touched: list[Entry]) -> None:
    """Serve what the rows want served; a person's rows stay drafts, to be reviewed."""
    if not actor.is_system:
        return
    served = [entry for step, entry in zip(steps, touched, strict=True) if step.publishes]
    if served:
        publish_all(session, actor, served)
