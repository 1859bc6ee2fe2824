"""Reads which option of a list is meant: 2, ②, 第二, 十一, 最后一个, 倒数第二."""

import re
import unicodedata
from collections.abc import Sequence

_LAST = re.compile("最后")
_FROM_END = re.compile("倒数")
_ORDINAL = re.compile("第")
_NUMERALS = {character: number for number, character in enumerate("零一二三四五六七八九")}
_NUMERALS["两"] = 2


def option_position(values: Sequence[str], count: int) -> int | None:
    """Return the position (from 0) among `count` options that `values` name.

    `values` are the numbers found in one message. None means: nothing named, several
    named, or none of the list. An ordinal (第二) outweighs a plain number, so that
    “选一个，第二个” is clear.
    """
    ordinal = [value for value in values if _ORDINAL.search(value) or _LAST.search(value)]
    positions = {_position(value, count) for value in (ordinal or values)}
    if len(positions) != 1:
        return None
    position = positions.pop()
    return position if position is not None and 0 <= position < count else None


def _position(value: str, count: int) -> int | None:
    if _LAST.search(value):
        return count - 1
    number = _number(re.sub(r"倒数|第|\s", "", value))
    if number is None:
        return None
    return count - number if _FROM_END.search(value) else number - 1


def _number(text: str) -> int | None:
    """Return the number that `text` writes in digits or numerals below a hundred."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii() and folded.isdigit():
        return int(folded)
    tens, ten, ones = folded.rpartition("十")
    if not all(part in _NUMERALS for part in (tens, ones) if part) or not folded:
        return None
    if not ten:
        return _NUMERALS[ones]
    return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)
