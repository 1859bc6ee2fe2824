"""Rows of the audit log as csv or xlsx."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.audit.wording import action_name, changes, subject_name
from knowledge.exchange.escaping import csv_escaped, xlsx_escaped
from knowledge.exchange.writing import BOLD, WRAPPED
from knowledge.privacy.hidden import CONTROLS

COLUMNS = (("行", 8), ("时间（北京时间）", 20), ("人员", 18), ("来自", 18), ("做了什么", 18),
           ("对象", 18), ("改动", 80), ("哈希值", 66))  # fmt: skip
MOST = 100_000
CELL = 30_000  # Excel holds 32,767 characters in a cell
CUT = "……（太长，全文见网页）"


def write_csv(path: Path, rows: Iterable[AuditRecord]) -> None:
    """Write csv with a byte order mark; no text in it is a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([name for name, _ in COLUMNS])
        for row in rows:
            writer.writerow([csv_escaped(str(cell)) for cell in _cells(row)])


def write_xlsx(path: Path, rows: Iterable[AuditRecord]) -> None:
    """Write a worksheet; no text in it is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("操作记录")
    sheet.freeze_panes = "A2"
    for at, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    titles = [WriteOnlyCell(sheet, value=name) for name, _ in COLUMNS]
    for title in titles:
        title.font = BOLD
    sheet.append(titles)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in _cells(row)])
    book.save(path)


WRITERS: dict[str, Callable[[Path, Iterable[AuditRecord]], None]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
}


def _cells(row: AuditRecord) -> list[Any]:
    lines = [
        f"{one.name}：{one.before or '（无）'} → {one.after or '（无）'}"
        if row.before is not None
        else f"{one.name}：{one.after}"
        for one in changes(row.before, row.after)
    ]
    text = "\n".join(lines)
    return [
        row.id,
        clock.local(row.at).strftime("%Y-%m-%d %H:%M:%S"),
        row.actor_name,
        row.address,
        action_name(row.action),
        subject_name(row.subject),
        text if len(text) <= CELL else text[:CELL] + CUT,
        row.hash,
    ]


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value)
    text = CONTROLS.sub("", value)
    cell = WriteOnlyCell(sheet, value=xlsx_escaped(text) or None)
    if text:
        cell.data_type = "s"
    cell.quotePrefix = csv_escaped(text) != text
    cell.alignment = WRAPPED
    return cell
