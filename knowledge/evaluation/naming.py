"""Finds the entries that a file of questions means: by code, or by standard question."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from knowledge.entries.content import phrasing_key
from knowledge.exchange import cells
from knowledge.exchange.errors import CellError

MOST = 20
_SEPARATORS = re.compile("[;；]")


class Names:
    """The entries of a base as people call them."""

    def __init__(self, titles: Mapping[str, str], idle: Collection[str] = ()) -> None:
        """Know `titles` (standard questions by code), and codes that are not published."""
        self._titles = titles
        self._idle = idle
        self._by_question: dict[str, list[str]] = {}
        for code, question in titles.items():
            self._by_question.setdefault(phrasing_key(question), []).append(code)

    def meant(self, raw: Any) -> frozenset[str]:
        """Return the codes that a cell means: one a line, or parted by semicolons.

        Raises:
            CellError: a formula, an entry that is not there or not published, a question
                that several entries have, or too many of them.
        """
        found: set[str] = set()
        for line in filter(None, map(str.strip, cells.lines(raw))):
            # A standard question may hold a semicolon of its own.
            parts = [line] if self._codes(line) else _SEPARATORS.split(line)
            found.update(self._code(part) for part in _filled(parts))
        if len(found) > MOST:
            raise CellError(f"有 {len(found)} 个条目，最多 {MOST} 个", "请只留真正能回答的")
        return frozenset(found)

    def _codes(self, told: str) -> list[str]:
        if told in self._titles:
            return [told]
        key = phrasing_key(told)
        return self._by_question.get(key, []) if key else []

    def _code(self, told: str) -> str:
        codes = self._codes(told)
        if len(codes) == 1:
            return codes[0]
        short = told if len(told) <= 40 else f"{told[:40]}…"
        if codes:
            listed = "、".join(sorted(codes)[:5])
            raise CellError(f"“{short}”是几个条目共同的标准问", f"请改填编号（{listed}）")
        if told in self._idle:
            raise CellError(f"“{short}”还没有发布，或已下架", "请先发布它，或改填别的条目")
        raise CellError(f"“{short}”没有这个条目", "请填条目的编号或标准问")


def _filled(parts: Iterable[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]
