"""Reads the first visible worksheet of an xlsx file, row by row."""

import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import TranslatorError
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from knowledge.exchange.bounds import require_modest_archive
from knowledge.exchange.errors import CellError, ExchangeError
from knowledge.exchange.escaping import xlsx_unescaped
from knowledge.exchange.merged import merged_cells

OWN_SHEETS = ("怎么填", "示例", "选项")  # of our template, beside the one that is filled in
LAST_ROW = 1_048_576  # of any worksheet
CELLS = 20_000_000  # a few seconds; empty cells before a far column count, too
EXACT = 10**15  # Excel keeps 15 digits of a number and turns the others into zeros

# What openpyxl and the XML parser (by way of defusedxml) raise on a damaged or forged file.
DAMAGE = (
    InvalidFileException,
    ParseError,
    TokenizerError,
    TranslatorError,
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)

Line = tuple[int, Sequence[Any]]


def lines(path: Path, notices: list[str]) -> Generator[Line]:
    """Yield number and raw cells of each row (also of empty ones).

    Raises:
        ExchangeError: damaged, too large once unpacked, or not a workbook.
    """
    if not openpyxl.DEFUSEDXML:
        raise ExchangeError("安装不完整：缺少 defusedxml，不能安全地打开 xlsx，请重新安装")
    require_modest_archive(path)
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that openpyxl leaves out
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            yield from _rows(path, book, notices)
    except DAMAGE as error:
        raise ExchangeError(
            f"{path.name} 不是有效的 xlsx 文件，或已损坏；请用 Excel 或 WPS 另存为 .xlsx 再试"
        ) from error


def _rows(path: Path, book: Workbook, notices: list[str]) -> Iterator[Line]:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise ExchangeError("这个 xlsx 文件里没有工作表")
    others = [sheet.title for sheet in visible[1:] if sheet.title not in OWN_SHEETS]
    if others:
        names = "、".join(f"“{title}”" for title in others[:5])
        notices.append(f"只读取了第一个工作表“{visible[0].title}”，没有读取 {names}")
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    hidden = [title for title in hidden if title not in OWN_SHEETS]
    if hidden:
        notices.append(f"没有读取隐藏的工作表 {'、'.join(f'“{title}”' for title in hidden[:5])}")
    sheet: Any = visible[0]
    joined = merged_cells(path, sheet)
    sheet.reset_dimensions()  # other programs write wrong ones, and rows would be lost
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise ValueError("a row number that no worksheet has")
        seen += len(cells)
        if seen > CELLS:
            raise ExchangeError("这个 xlsx 文件里的单元格太多，请只保留要导入的行和列")
        values = [_value(cell) for cell in cells]
        yield number, joined.told(number, values) if joined else values


def _value(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return CellError("是公式", "请改成文字（复制后用“选择性粘贴”粘贴为值）")
    if cell.data_type == "e":
        return CellError(f"是错误值 {value}", "请改成文字")
    if isinstance(value, str):
        return xlsx_unescaped(value)
    if isinstance(value, int | float) and abs(value) >= EXACT:
        return CellError("是很长的数字，末尾几位可能已丢失", "请设为文本格式后重新输入")
    return value
