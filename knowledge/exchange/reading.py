"""Reads a file into a `Sheet`, within bounds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

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
from knowledge.exchange.xlsx_file import Line
from knowledge.exchange.xlsx_file import lines as xlsx_lines

KINDS = (".xlsx", ".csv", ".jsonl")
EMPTY_ROWS = 50_000  # so many in a row end the table
EVERY = 200

Watch = Callable[[int], None]
One = TypeVar("One")


@dataclass(frozen=True)
class _Table:
    """What a file's rows are, and where its columns stand."""

    rows: list[Row]
    ignored: set[str]
    header: int = 1
    places: Mapping[str, int] = field(default_factory=dict)


def read_rows(path: Path, options: Options | None = None, watch: Watch | None = None) -> Sheet:
    """Read the rows of an xlsx, csv or jsonl file.

    Args:
        watch: called now and then with how many rows were read.

    Raises:
        ExchangeError: too large, damaged, empty, of another kind, or with columns
            that are missing, unknown or doubled.
    """
    options = options or Options()
    kind = kind_of(path)
    bounds.require_size(path)
    notices: list[str] = []
    if kind == ".jsonl":
        table = _objects(path, options)
    else:
        lines = csv_lines(path) if kind == ".csv" else xlsx_lines(path, notices)
        with closing(lines):
            filled = watched(_filled(lines, notices), watch)
            table = _table(path.name, filled, options)
    if not table.rows:
        raise ExchangeError(f"{path.name} 里没有任何条目")
    names = {name for row in table.rows for name in row.cells}
    columns = tuple(column for column in COLUMNS if column.name in names)
    require_obligatory(f"{path.name} ", columns, options.defaults)
    if table.ignored:
        notices.append(f"没有导入这些列：{'、'.join(sorted(table.ignored))}")
    rows = tuple(_with_defaults(table.rows, options))
    return Sheet(path.name, columns, rows, tuple(notices), table.header, table.places)


def kind_of(path: Path) -> str:
    """Return the ending of the file's name, in lower case.

    Raises:
        ExchangeError: not one of `KINDS`.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ExchangeError(f"不认识 {path.name} 的格式，请用 {'、'.join(KINDS)}")
    return kind


def _filled(lines: Iterable[Line], notices: list[str]) -> Iterator[Line]:
    """Pass over empty rows; where very many follow each other, the table is at its end."""
    empty = 0
    for number, cells in lines:
        if any(not _blank(cell) for cell in cells):
            empty = 0
            yield number, cells
            continue
        empty += 1
        if empty > EMPTY_ROWS:
            last = number - empty
            notices.append(f"第 {last} 行以后连着 {EMPTY_ROWS} 多行是空的，后面的没有再读")
            return


def watched(every: Iterable[One], watch: Watch | None) -> Iterator[One]:
    """Yield them all, and tell `watch` now and then how many there were."""
    for count, one in enumerate(every):
        if watch is not None and count % EVERY == 0:
            watch(count)
        yield one


def _table(file: str, filled: Iterator[Line], options: Options) -> _Table:
    """Take the first row that is not empty as the header."""
    number_of_header, header = next(filled, (1, ()))
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
    places = {name: place for place, name in enumerate(names, start=1) if name}
    return _Table(rows, ignored, number_of_header, places)


def _objects(path: Path, options: Options) -> _Table:
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
    return _Table(rows, ignored)


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
