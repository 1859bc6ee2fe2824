"""Merged cells of a worksheet: Excel keeps a value in the first of them only."""

import re
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter, range_boundaries

from knowledge.exchange.bounds import PORTION
from knowledge.exchange.errors import CellError, ExchangeError

MOST = 20_000
TALLEST = 30_000  # rows of one area: more than any file that is taken has
_AREA = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="(\$?[A-Z]{1,3}\$?\d{1,7}:\$?[A-Z]{1,3}\$?\d{1,7})"'
)
_LONGEST = 200  # bytes of one such tag


class Merged:
    """The areas of a worksheet, by row."""

    def __init__(self, areas: Sequence[str]) -> None:
        """Take references such as “A2:A5”."""
        self._by_row: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        for area in areas:
            left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(area))
            for row in range(top, min(bottom, top + TALLEST) + 1):
                self._by_row[row].append((left, top, right, bottom))

    def told(self, row: int, values: Sequence[Any]) -> list[Any]:
        """Return a row's values, with an error in each cell that is merged into another."""
        found = list(values)
        for left, top, right, _ in self._by_row.get(row, ()):
            found += [None] * (min(right, len(found) + 50) - len(found))
            for place in range(left, min(right, len(found)) + 1):
                if (place, row) != (left, top) and found[place - 1] is None:
                    first = f"{get_column_letter(left)}{top}"
                    found[place - 1] = CellError(
                        f"和 {first} 合并了，内容只算在 {first} 里", "请取消合并，在每一行都填上"
                    )
        return found


def merged_cells(path: Path, sheet: Any) -> Merged | None:
    """Return the merged areas of a worksheet that openpyxl reads row by row; None without any.

    Raises:
        ExchangeError: very many areas.
    """
    areas: list[str] = []
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as part:
        rest = b""
        while portion := part.read(PORTION):
            seen = rest + portion
            end = 0
            for found in _AREA.finditer(seen):
                areas.append(found[1].decode("ascii"))
                end = found.end()
            rest = seen[max(end, len(seen) - _LONGEST) :]
            if len(areas) > MOST:
                raise ExchangeError("合并的单元格太多，请先取消合并")
    return Merged(areas) if areas else None
