"""Writes records as xlsx, csv or jsonl."""

import csv
import json
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from knowledge.exchange.cells import NO, YES
from knowledge.exchange.columns import COLUMNS
from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.escaping import csv_escaped, xlsx_escaped
from knowledge.exchange.outgoing import Record

BOLD = Font(bold=True)
WRAPPED = Alignment(wrap_text=True, vertical="top")
AS_TEXT = "@"  # so that Excel leaves a code such as 007 alone
AS_DAY = "yyyy-mm-dd"
FIRST_DAY = date(1900, 3, 1)  # before it, Excel's calendar is wrong
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def write_xlsx(path: Path, records: Iterable[Record]) -> None:
    """Write a worksheet whose header stays in view; no text in it is a formula.

    Raises:
        ExchangeError: an entry holds a character that xlsx cannot.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("知识条目")
    sheet.freeze_panes = "A2"
    for at, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    sheet.append([_header(sheet, column.title) for column in COLUMNS])
    for record in records:
        try:
            sheet.append([_cell(sheet, column.name, record) for column in COLUMNS])
        except ExchangeError:
            sheet.close()  # or openpyxl complains when it is thrown away
            raise
    book.save(path)


def write_csv(path: Path, records: Iterable[Record]) -> None:
    """Write csv with a byte order mark, so that Excel knows it for UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.title for column in COLUMNS])
        for record in records:
            writer.writerow([csv_escaped(_text(record[column.name])) for column in COLUMNS])


def write_jsonl(path: Path, records: Iterable[Record]) -> None:
    """Write one JSON object a line; days as text, or null."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, default=date.isoformat) + "\n")


WRITERS: dict[str, Callable[[Path, Iterable[Record]], None]] = {
    ".xlsx": write_xlsx,
    ".csv": write_csv,
    ".jsonl": write_jsonl,
}


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text, whatever it begins with, also after it is edited."""
    cell = WriteOnlyCell(sheet, value=xlsx_escaped(text) or None)
    if csv_escaped(text) != text:
        cell.quotePrefix = True
    if text:
        cell.data_type = "s"
    return cell


def _header(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font, cell.alignment = BOLD, WRAPPED
    return cell


def _cell(sheet: Any, name: str, record: Record) -> Any:
    value = record[name]
    if isinstance(value, date) and value >= FIRST_DAY:
        cell = WriteOnlyCell(sheet, value=datetime.combine(value, time.min))
        cell.number_format = AS_DAY
    else:
        text = _text(value)
        if _NOT_XML.search(text):
            told = f"条目 {record['code']} 里有 xlsx 不能保存的字符，请导出为 csv 或 jsonl"
            raise ExchangeError(told)
        cell = text_cell(sheet, text)
        if name == "code":
            cell.number_format = AS_TEXT
    cell.alignment = WRAPPED
    return cell


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return "\n".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
