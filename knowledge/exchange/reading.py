"""Reads a file into a `Sheet`, within bounds."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

from knowledge.exchange import bounds
from knowledge.exchange.columns import (
    COLUMNS,
    column_titled,
    is_ignored,
    require_known,
    require_obligatory,
)
from knowledge.exchange.errors import CellError, ExchangeError
from knowledge.exchange.sheet import Options, Row, Sheet
from knowledge.exchange.text_file import csv_lines, jsonl_objects
from knowledge.exchange.xlsx_file import lines as xlsx_lines

KINDS = (".xlsx", ".csv", ".jsonl")


def read_rows(path: Path, options: Options | None = None) -> Sheet:
    """Read the rows of an xlsx, csv or jsonl file.

    Raises:
        ExchangeError: too large, damaged, empty, of another kind, or with columns
            that are missing, unknown or doubled.
    """
    options = options or Options()
    kind = kind_of(path)
    bounds.require_size(path)
    notices: list[str] = []
    if kind == ".jsonl":
        rows, ignored = _objects(path, options)
    elif kind == ".csv":
        rows, ignored = _table(path.name, csv_lines(path), options)
    else:
        with closing(xlsx_lines(path, notices)) as lines:
            rows, ignored = _table(path.name, lines, options)
    if not rows:
        raise ExchangeError(f"{path.name} 里没有任何条目")
    names = {name for row in rows for name in row.cells}
    columns = tuple(column for column in COLUMNS if column.name in names)
    require_obligatory(f"{path.name} ", columns, options.defaults)
    if ignored:
        notices.append(f"没有导入这些列：{'、'.join(sorted(ignored))}")
    return Sheet(path.name, columns, tuple(_with_defaults(rows, options)), tuple(notices))


def kind_of(path: Path) -> str:
    """Return the ending of the file's name, in lower case.

    Raises:
        ExchangeError: not one of `KINDS`.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ExchangeError(f"不认识 {path.name} 的格式，请用 {'、'.join(KINDS)}")
    return kind


def _table(
    file: str, lines: Iterable[tuple[int, Sequence[Any]]], options: Options
) -> tuple[list[Row], set[str]]:
    """Take the first row that is not empty as the header."""
    filled = ((number, cells) for number, cells in lines if any(not _blank(c) for c in cells))
    _, header = next(filled, (0, ()))
    _require_few_columns(file, header)
    labels = [_label(file, cell) for cell in header]
    require_known(f"{file} ", [label for label in labels if label], options.ignored)
    ignored = {label for label in labels if label and is_ignored(label, options.ignored)}
    names = [None if label in ignored else _name(label) for label in labels]
    rows: list[Row] = []
    for number, cells in filled:
        _require_few_rows(file, rows)
        _require_few_columns(file, cells)
        named = {name: cell for name, cell in zip_longest(names, cells) if name}
        nameless = [cell for label, cell in zip_longest(labels, cells) if not label]
        rows.append(Row(number, named, surplus=any(not _blank(cell) for cell in nameless)))
    return rows, ignored


def _objects(path: Path, options: Options) -> tuple[list[Row], set[str]]:
    rows: list[Row] = []
    ignored: set[str] = set()
    for number, pairs in jsonl_objects(path):
        _require_few_rows(path.name, rows)
        labels = [label for label, _ in pairs]
        _require_few_columns(path.name, labels)
        require_known(f"{path.name} 第 {number} 行", labels, options.ignored)
        ignored |= {label for label in labels if is_ignored(label, options.ignored)}
        cells = {_name(label): value for label, value in pairs if label not in ignored}
        rows.append(Row(number, {name: value for name, value in cells.items() if name}))
    return rows, ignored


def _with_defaults(rows: Iterable[Row], options: Options) -> Iterator[Row]:
    for row in rows:
        empty = {
            name: text for name, text in options.defaults.items() if _blank(row.cells.get(name))
        }
        yield Row(row.number, {**row.cells, **empty}, row.surplus)


def _label(file: str, cell: Any) -> str:
    if isinstance(cell, CellError):
        raise ExchangeError(f"{file} 的列名{cell}")
    return "" if _blank(cell) else str(cell).strip()


def _name(label: str) -> str | None:
    column = column_titled(label)
    return column.name if column else None


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _require_few_rows(file: str, rows: Sequence[Row]) -> None:
    if len(rows) >= bounds.ROWS:
        raise ExchangeError(f"{file} 超过 {bounds.ROWS} 行，请拆成几个文件")


def _require_few_columns(file: str, cells: Sequence[Any]) -> None:
    if any(not _blank(cell) for cell in cells[bounds.COLUMNS :]):
        raise ExchangeError(f"{file} 超过 {bounds.COLUMNS} 列，请删去不需要的列")
