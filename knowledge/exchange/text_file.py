"""Reads csv (UTF-8 or GB18030) and jsonl (UTF-8)."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.escaping import csv_unescaped


def csv_lines(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield number and cells of each record (also of empty ones), as Excel numbers them.

    Raises:
        ExchangeError: not text in UTF-8 or GB18030, or quotes that do not match.
    """
    text = _decoded(path.name, path.read_bytes())
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
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


def _decoded(name: str, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ExchangeError(f"{name} 不是 UTF-8 或 GB18030 编码的文本，请另存为“CSV UTF-8”再导入")


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
