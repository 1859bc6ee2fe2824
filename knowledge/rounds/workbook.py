"""A round as xlsx: a sheet of departments, a sheet of entries."""

from pathlib import Path

from openpyxl import Workbook
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.exchange.tables import table
from knowledge.rounds.lists import board, is_late, lines, whole
from knowledge.rounds.models import Round
from knowledge.rounds.outcome import OUTCOME_NAMES, Outcome

MOST_ROWS = 100_000
_PARTS = (("部门", 28), ("条目数", 10), ("已梳理", 10), ("完成", 10), *(
    (name, 12) for name in OUTCOME_NAMES.values()), ("已超期", 10))  # fmt: skip
_LINES = (("编号", 18), ("标准问", 44), ("责任部门", 28), ("结果", 14), ("有效期止", 14),
          ("办理依据", 44), ("发起时的版本", 14), ("上次复核", 18))  # fmt: skip


def write(session: Session, path: Path, one: Round) -> None:
    """Write how far each department is, and what became of each entry."""
    book = Workbook(write_only=True)
    parts = board(session, one)
    late = is_late(one)
    rows = [
        [
            part.department, part.total, part.done, part.done / part.total if part.total else 1.0,
            *(part.counts.get(what, 0) for what in Outcome), part.left if late else 0,
        ]
        for part in [*parts, whole(parts)]
    ]  # fmt: skip
    table(book, "进度", _PARTS, rows)
    entries = [
        [
            line.entry.code, line.version.standard_question, line.department,
            OUTCOME_NAMES[line.outcome],
            f"{line.version.valid_until:%Y-%m-%d}" if line.version.valid_until else "长期",
            line.version.legal_basis, line.version.number,
            f"{clock.local(line.entry.reviewed_at):%Y-%m-%d %H:%M}"
            if line.entry.reviewed_at else "",
        ]
        for line in lines(session, one, size=MOST_ROWS).rows
    ]  # fmt: skip
    table(book, "条目", _LINES, entries, filtered=len(entries))
    book.save(path)
