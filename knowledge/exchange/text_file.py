"""Reads csv (UTF-8, UTF-16 or GB18030; commas, semicolons or tabs) and jsonl (UTF-8)."""

import csv
import io
import json
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from knowledge.exchange.columns import column_titled
from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.escaping import csv_unescaped

SEPARATORS = (",", "\t", ";")
HEADER_LENGTH = 20_000
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])(?=\r?\n|$)")  # what Excel writes to itself


def csv_lines(path: Path) -> Generator[tuple[int, Sequence[str]]]:
    """Yield number and cells of each record (also of empty ones), as Excel numbers them.

    Raises:
        ExchangeError: not text in these encodings, or quotes that do not match.
    """
    text = decoded(path.name, path.read_bytes())
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 and _SEPARATOR_LINE.fullmatch(separator.join(cells)):
                continue
            yield number, [csv_unescaped(cell) for cell in cells]
    except csv.Error as error:
        raise ExchangeError(
            f"{path.name} 第 {number + 1} 行不是有效的 CSV（{error}）；"
            "多半是引号不成对，请用 Excel 打开检查后另存"
        ) from error


def jsonl_objects(path: Path) -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    """Yield line number and the pairs of each JSON object; blank lines are passed over.

    Raises:
        ExchangeError: names the line that is not a JSON object in UTF-8.
    """
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _pairs(f"{path.name} 第 {number} 行", line)


def decoded(name: str, raw: bytes) -> str:
    """Return the text of a file: UTF-16 is told by its mark, the others by trying.

    Raises:
        ExchangeError: none of the encodings fits.
    """
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ExchangeError(f"{name} 不是 UTF-8 或 GB18030 编码的文本，请另存为“CSV UTF-8”再导入")


def _separator(text: str) -> str:
    """Return the sign that parts the first line into the most columns that are known."""
    told = _SEPARATOR_LINE.match(text)
    if told:
        return told[1]
    start = text[:HEADER_LENGTH].lstrip()

    def known(separator: str) -> int:
        try:
            header = next(csv.reader(io.StringIO(start, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0
        return sum(column_titled(label) is not None for label in header)

    return max(SEPARATORS, key=known)


def _pairs(where: str, line: bytes) -> list[tuple[str, Any]]:
    try:
        # Objects come as lists of pairs, so that a key that comes twice is seen.
        found = json.loads(line.decode("utf-8"), object_pairs_hook=_Pairs)
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{where}不是 UTF-8 编码，请另存为 UTF-8 再导入") from error
    except json.JSONDecodeError as error:
        raise ExchangeError(f"{where}不是有效的 JSON：第 {error.colno} 个字符处有误") from error
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"{where}不是有效的 JSON：数字太长，或嵌套太深") from error
    if not isinstance(found, _Pairs):
        raise ExchangeError(f'{where}应是一个 JSON 对象，形如 {{"标准问": "…"}}')
    return found


class _Pairs(list[tuple[str, Any]]):
    """The pairs of a JSON object."""
