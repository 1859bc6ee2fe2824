"""What a check found, as rows that can be shown and kept."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.audit.chain import canonical
from knowledge.entries.differences import LABELS, changed_texts
from knowledge.entries.versions import summary
from knowledge.exchange.cells import NO, YES
from knowledge.exchange.plan import Change, Plan, Step
from knowledge.exchange.sheet import Row, Sheet
from knowledge.imports.models import ImportRow
from knowledge.imports.state import Outcome

BEFORE, SHOWN = 60, 600  # characters of a long text that are kept, around the first difference


def fingerprint(found: Plan) -> str:
    """Return a hash of all that the plan would do and of what is wrong."""
    told = hashlib.sha256()
    for step in found.steps:
        fields = (
            step.row, step.change.value, step.code, step.entry_id, step.seen,
            step.department_id, step.saves, step.publishes, step.featured,
        )  # fmt: skip
        told.update(canonical([*fields, summary(step.content)]).encode())
    for wrong in found.wrong:
        told.update(canonical([wrong.row, wrong.column, wrong.reason]).encode())
    return told.hexdigest()


def findings(
    job_id: int, sheet: Sheet, found: Plan, departments: Mapping[int, str], paths: Mapping[int, str]
) -> Iterator[ImportRow]:
    """Yield a row for each of the file's."""
    faults: dict[int, list[list[str]]] = defaultdict(list)
    for wrong in found.wrong:
        cell = sheet.cell(wrong.row, wrong.column)
        faults[wrong.row].append([cell, wrong.column, wrong.reason, wrong.mend])
    steps = {step.row: step for step in found.steps}
    for row in sheet.rows:
        step = steps.get(row.number)
        if step is None:
            yield _wrong(job_id, row, faults[row.number])
        else:
            yield ImportRow(
                job_id=job_id,
                number=row.number,
                outcome=step.change.value,
                code=step.code or "",
                question=step.content.standard_question,
                department=departments[step.department_id],
                faults=[],
                changes=_changes(step, paths) if step.change is Change.CHANGED else [],
            )


def _wrong(job_id: int, row: Row, faults: list[list[str]]) -> ImportRow:
    return ImportRow(
        job_id=job_id,
        number=row.number,
        outcome=Outcome.WRONG.value,
        code=_raw(row, "code", 64),
        question=_raw(row, "standard_question", 128),
        department=_raw(row, "department", 64),
        faults=faults,
        changes=[],
    )


def _raw(row: Row, name: str, length: int) -> str:
    value: Any = row.cells.get(name)
    return value.strip()[:length] if isinstance(value, str) else ""


def _changes(step: Step, paths: Mapping[int, str]) -> list[list[str]]:
    found = []
    if step.saves and step.before is not None:
        texts = changed_texts(step.before, step.content, paths)
        found = [[LABELS[name], *_clipped(old, new)] for name, (old, new) in texts.items()]
    if step.featured is not None:
        found.append(["常问", *((NO, YES) if step.featured else (YES, NO))])
    if step.publishes:
        found.append(["审核", "草稿", "提交审核"])
    return found


def _clipped(old: str, new: str) -> tuple[str, str]:
    """Return the stretch of two texts in which they begin to differ."""
    if max(len(old), len(new)) <= SHOWN:
        return old, new
    same = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(0, same - BEFORE)
    return _part(old, start), _part(new, start)


def _part(text: str, start: int) -> str:
    told = text[start : start + SHOWN]
    more = len(text) > start + SHOWN
    return f"{'……' if start else ''}{told}{f'……（共 {len(text)} 字）' if more else ''}"
