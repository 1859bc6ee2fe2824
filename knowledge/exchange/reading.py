"""Reads xlsx, csv and jsonl into rows of text, within bounds."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.errors import KnowledgeError
from knowledge.exchange.columns import COLUMNS, ENGLISH, IGNORED, OBLIGATORY

MAX_BYTES = 50 * 2**20
MAX_UNPACKED = 300 * 2**20
MAX_PARTS = 1000
MAX_RATIO = 200
MAX_ROWS = 20_000
MAX_COLUMNS = 50
ESCAPED = ("=", "+", "-", "@", "\t", "\r", "'")


class ExchangeError(KnowledgeError):
    """The file cannot be used; nothing was written."""


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, its cells by column, and cells that hold a formula."""

    number: int
    cells: dict[str, str]
    formulas: tuple[str, ...] = ()


def read(path: Path, defaults: Sequence[str] = ()) -> list[Row]:
    """Read the rows of a file; columns in `defaults` may be missing.

    Raises:
        ExchangeError: too large, damaged, not of a known kind, empty, or with
            columns missing or unknown.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ExchangeError(f"无法读取 {path}：{error.strerror}") from error
    if size > MAX_BYTES:
        raise ExchangeError(f"{path.name} 有 {size // 2**20} MB，最多 {MAX_BYTES // 2**20} MB")
    kinds = {".xlsx": _xlsx, ".csv": _csv, ".jsonl": _jsonl}
    if path.suffix.lower() not in kinds:
        raise ExchangeError(f"不认识 {path.name} 的格式，请用 .xlsx、.csv 或 .jsonl")
    rows: list[Row] = []
    for row in kinds[path.suffix.lower()](path):
        if len(rows) >= MAX_ROWS:
            raise ExchangeError(f"{path.name} 超过 {MAX_ROWS} 行，请拆成几个文件")
        rows.append(row)
    if not rows:
        raise ExchangeError(f"{path.name} 里没有任何条目")
    _require_columns(path, {column for row in rows for column in row.cells}, defaults)
    return rows


def _require_columns(path: Path, found: set[str], defaults: Sequence[str]) -> None:
    unknown = sorted(found - set(COLUMNS))
    if unknown:
        raise ExchangeError(
            f"{path.name} 有不认识的列：{'、'.join(unknown)}；可用的列：{'、'.join(COLUMNS)}"
        )
    missing = [column for column in OBLIGATORY if column not in found and column not in defaults]
    if missing:
        raise ExchangeError(
            f"{path.name} 缺少列：{'、'.join(missing)}；找到的列：{'、'.join(sorted(found))}"
        )


def _name(header: object) -> str:
    text = str(header or "").strip()
    return ENGLISH.get(text, text)


def _xlsx(path: Path) -> Iterator[Row]:
    _refuse_bomb(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise ExchangeError(f"{path.name} 不是有效的 Excel 文件，或已损坏") from error
    try:
        lines = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + 2)
        headers = [_name(cell.value) for cell in next(lines, ())]
        for number, cells in enumerate(lines, start=2):
            pairs = [(h, cell) for h, cell in zip(headers, cells, strict=False) if h]
            if any(cell.value is not None for _, cell in pairs):
                formulas = tuple(h for h, cell in pairs if cell.data_type == "f")
                yield Row(number, {h: _text(cell.value) for h, cell in pairs}, formulas)
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    """Look at the directory of the zip file before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ExchangeError(f"{path.name} 不是有效的 Excel 文件，或已损坏") from error
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise ExchangeError(
            f"{path.name} 解压后有 {unpacked // 2**20} MB，大小异常，已拒绝打开（可能是压缩炸弹）"
        )


def _csv(path: Path) -> Iterator[Row]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ExchangeError(f"{path.name} 的编码无法识别，请另存为 UTF-8 的 CSV")
    try:
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        headers = [_name(header) for header in next(lines, [])][:MAX_COLUMNS]
        for number, values in enumerate(lines, start=2):
            if any(value.strip() for value in values):
                pairs = zip(headers, values, strict=False)
                yield Row(number, {h: unescaped(value) for h, value in pairs if h})
    except csv.Error as error:
        raise ExchangeError(f"{path.name} 不是有效的 CSV：{error}") from error


def _jsonl(path: Path) -> Iterator[Row]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path.name} 不是 UTF-8 编码") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError as error:
            raise ExchangeError(f"{path.name} 第 {number} 行不是有效的 JSON：{error}") from error
        if not isinstance(data, dict):
            raise ExchangeError(f"{path.name} 第 {number} 行应是一个 JSON 对象")
        kept = {name: value for name, value in data.items() if name not in IGNORED}
        yield Row(number, {_name(name): _text(value) for name, value in kept.items()})


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def escaped(text: str) -> str:
    """Write a text so that Excel does not take it for a formula in a CSV file."""
    return f"'{text}" if text.startswith(ESCAPED) else text


def unescaped(text: str) -> str:
    """Undo `escaped`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(ESCAPED) else text
