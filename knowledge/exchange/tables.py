"""Sheets of reports; no text in them is a formula."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from knowledge.exchange.writing import BOLD, WRAPPED, text_cell
from knowledge.privacy.hidden import CONTROLS

AS_SHARE = "0.0%"

Columns = Sequence[tuple[str, int]]


def table(
    book: Workbook, title: str, columns: Columns, rows: Iterable[Sequence[Any]], filtered: int = 0
) -> None:
    """Add a sheet with a header; `columns` are names and widths, floats are shares."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, (_, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    if filtered:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{filtered + 1}"
    sheet.append([_cell(sheet, name, header=True) for name, _ in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any, *, header: bool = False) -> Any:
    if isinstance(value, float):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = AS_SHARE
    elif isinstance(value, str):
        cell = text_cell(sheet, CONTROLS.sub("", value))
    else:
        cell = WriteOnlyCell(sheet, value=value)
    cell.alignment = WRAPPED
    if header:
        cell.font = BOLD
    return cell
