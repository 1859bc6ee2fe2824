"""What a file holds once it is read: rows of raw cells, whatever its format was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from knowledge.exchange.columns import Column
from knowledge.exchange.errors import CellError


@dataclass(frozen=True)
class Options:
    """How to import a file.

    `department` and `category` fill cells that are empty, or columns that the file
    lacks; `ignored` names columns to pass over.
    """

    department: str = ""
    category: str = ""
    create_departments: bool = False
    create_categories: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def defaults(self) -> dict[str, str]:
        """The defaults that were given, by column name."""
        given = {"department": self.department.strip(), "category": self.category.strip()}
        return {name: text for name, text in given.items() if text}


@dataclass(frozen=True)
class Row:
    """A row: its number as the file's reader sees it (the header is row 1), raw cells by name.

    A cell is a text, number, date, truth value, list or None, or a `CellError` where
    reading found that it cannot be taken (a formula). `surplus`: cells outside all columns.
    """

    number: int
    cells: Mapping[str, Any]
    surplus: bool = False


@dataclass(frozen=True)
class Sheet:
    """The rows of a file that are not empty; `notices` are for the person who imports it.

    `header` is the number of the row with the columns' names; `places` tells where each
    column stands, by name, from 1 (empty where the format knows no cells).
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()
    header: int = 1
    places: Mapping[str, int] = field(default_factory=dict)

    def cell(self, row: int, title: str) -> str:
        """Return where a column's cell of a row is (“F12”), or "" where it has no place."""
        named = next((column.name for column in self.columns if column.title == title), "")
        place = self.places.get(named)
        return f"{get_column_letter(place)}{row}" if place else ""


@dataclass(frozen=True)
class Wrong:
    """A cell that stops the import: where, why, and how to mend it."""

    row: int
    column: str
    reason: str
    mend: str

    @classmethod
    def at(cls, row: int, column: str, error: CellError) -> "Wrong":
        """Say where a cell's error is."""
        return cls(row, column, error.reason, error.mend)

    def __str__(self) -> str:
        joint = "：" if not self.reason or self.reason.startswith("“") else ""
        told = "，".join(part for part in (self.reason, self.mend) if part)
        return f"第 {self.row} 行“{self.column}”{joint}{told}"
