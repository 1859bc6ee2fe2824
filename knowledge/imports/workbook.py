"""The file as it was sent, with its faults: wrong cells coloured, each with the reason."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from knowledge.exchange.columns import BY_NAME
from knowledge.exchange.sheet import Row, Sheet
from knowledge.exchange.writing import AS_DAY, BOLD, FIRST_DAY, WRAPPED, text_cell
from knowledge.privacy.hidden import CONTROLS

RED = PatternFill("solid", fgColor="F8C9C4")
VERDICT, MEND = "检查结果", "怎么改"

Faults = Mapping[int, Sequence[Sequence[str]]]  # by row: cell, column, reason, mend


def write_annotated(path: Path, sheet: Sheet, faults: Faults) -> None:
    """Write the rows where they stood; the faults also stand in two columns behind them."""
    book = Workbook(write_only=True)
    page = book.create_sheet("知识条目")
    page.freeze_panes = f"A{sheet.header + 1}"
    places = sheet.places or {column.name: at for at, column in enumerate(sheet.columns, start=1)}
    last = max(places.values())
    for name, place in places.items():
        page.column_dimensions[get_column_letter(place)].width = BY_NAME[name].width
    for at, width in ((last + 1, 44), (last + 2, 44)):
        page.column_dimensions[get_column_letter(at)].width = width
    titles: list[Any] = [None] * (last + 2)
    for name, place in places.items():
        titles[place - 1] = BY_NAME[name].title
    titles[last:] = [VERDICT, MEND]
    written = 0
    for _ in range(sheet.header - 1):
        page.append([])
    page.append([_plain(page, title, bold=True) for title in titles])
    written = sheet.header
    for row in sheet.rows:
        for _ in range(row.number - written - 1):  # empty rows stay: numbers are those of the file
            page.append([])
        page.append(_line(page, row, places, last, faults.get(row.number, ())))
        written = max(row.number, written + 1)
    book.save(path)


def _line(
    page: Any, row: Row, places: Mapping[str, int], last: int, faults: Sequence[Sequence[str]]
) -> list[Any]:
    wrong: dict[str, list[str]] = {}
    for _, title, reason, mend in faults:
        wrong.setdefault(title, []).append(f"{reason}，{mend}")
    cells: list[Any] = [None] * (last + 2)
    for name, place in places.items():
        cell = _plain(page, row.cells.get(name))
        told = wrong.get(BY_NAME[name].title)
        if told:
            cell.fill, cell.comment = RED, Comment("\n".join(told), "检查", height=100, width=260)
        cells[place - 1] = cell
    if faults:
        reasons = [f"{cell or ''}{title}：{reason}" for cell, title, reason, _ in faults]
        cells[last] = _plain(page, "\n".join(reasons))
        cells[last].fill = RED
        cells[last + 1] = _plain(page, "\n".join(dict.fromkeys(one[3] for one in faults)))
    return cells


def _plain(page: Any, value: Any, *, bold: bool = False) -> Any:
    """Return a cell with what was read; what could not be taken is left empty."""
    if isinstance(value, list):
        value = "\n".join(str(one) for one in value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    day = isinstance(value, date) and not isinstance(value, datetime)
    if day and value >= FIRST_DAY:
        value = datetime.combine(value, time.min)
    if isinstance(value, str):
        cell = text_cell(page, CONTROLS.sub("", value))
    else:
        known = isinstance(value, bool | int | float | datetime | time)
        cell = WriteOnlyCell(page, value=value if known else None)
    if isinstance(value, datetime) and value.time() == time.min:
        cell.number_format = AS_DAY
    cell.alignment = WRAPPED
    if bold:
        cell.font = BOLD
    return cell
