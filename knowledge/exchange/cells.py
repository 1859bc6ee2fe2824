"""Turns a raw cell into what its column holds."""

import math
import re
from datetime import date, datetime, time
from typing import Any

from knowledge.entries.content import AUDIENCES
from knowledge.exchange.bounds import CELL_LENGTH
from knowledge.exchange.errors import CellError

PUBLISHED, DRAFT = "发布", "草稿"
YES, NO = "是", "否"

_STATES = {"": True, "发布": True, "已发布": True, "published": True}
_STATES |= {"草稿": False, "draft": False}
_FLAGS = {"是": True, "true": True, "1": True, "yes": True}
_FLAGS |= {"": False, "否": False, "false": False, "0": False, "no": False}
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?"
)
_SEPARATORS = re.compile(r"[、,，;；/\s]+")
_UNSTORABLE = re.compile("[\ud800-\udfff]")

# How other systems name those whom a matter concerns.
_AUDIENCE_NAMES = {name: name for name in AUDIENCES} | {"自然人": "个人"}
_AUDIENCE_NAMES |= dict.fromkeys(
    ("法人", "企业法人", "非法人企业", "事业法人", "社会组织法人", "行政机关", "其他组织"), "企业"
)


def text(raw: Any) -> str:
    """Return a cell's text; a whole number counts as text (a code, a telephone number).

    Raises:
        CellError: a formula, a date, a truth value, a list, or too long.
    """
    if isinstance(raw, CellError):
        raise raw
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        return str(raw)
    if not isinstance(raw, str):
        raise CellError(f"是{_kind(raw)}，不是文字", "请改成文字（在 Excel 里先设为文本格式）")
    if len(raw) > CELL_LENGTH:
        raise CellError(f"有 {len(raw)} 个字，一格最多 {CELL_LENGTH} 个", "请缩短")
    if _UNSTORABLE.search(raw):
        raise CellError("里有无法保存的字符", "请重新输入这一项")
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def line(raw: Any) -> str:
    """Return a cell's text without blanks around it. Raises as `text`."""
    return text(raw).strip()


def lines(raw: Any) -> tuple[str, ...]:
    """Return a list's texts, or a text's lines. Raises as `text`."""
    if isinstance(raw, list):
        if not all(isinstance(one, str) for one in raw):
            raise CellError("的列表里有不是文字的内容", "请都改成文字")
        return tuple(text(one) for one in raw)
    return tuple(text(raw).split("\n"))


def audience(raw: Any) -> tuple[str, ...]:
    """Return whom an entry is for: all, where the cell is empty.

    Raises:
        CellError: neither 个人 nor 企业, nor another system's name for them.
    """
    told = [name for one in lines(raw) for name in _SEPARATORS.split(one) if name]
    unknown = [name for name in told if name not in _AUDIENCE_NAMES]
    if unknown:
        raise CellError(f"里的“{unknown[0][:20]}”不认识", "请填“个人”“企业”中的一项或两项")
    return tuple(dict.fromkeys(_AUDIENCE_NAMES[name] for name in told)) or AUDIENCES


def day(raw: Any) -> date | None:
    """Return a cell's day, None where it is empty.

    Raises:
        CellError: not a day, or a day with a time.
    """
    if isinstance(raw, datetime):
        if raw.time() != time.min:
            raise CellError("带有时间", "请只填日期，例如 2026-03-01")
        return raw.date()
    if isinstance(raw, date):
        return raw
    told = line(raw)
    if not told:
        return None
    found = _DAY.fullmatch(told)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        found = None
    raise CellError(f"填的“{told[:20]}”不是日期", "请写成 2026-03-01；长期有效请留空")


def is_published(raw: Any) -> bool:
    """Tell whether a row is to be published (also where the cell is empty).

    Raises:
        CellError: neither 发布 nor 草稿.
    """
    return _chosen(raw, _STATES, f"请填“{PUBLISHED}”或“{DRAFT}”")


def flag(raw: Any) -> bool:
    """Tell whether a cell says yes; an empty one says no.

    Raises:
        CellError: neither 是 nor 否.
    """
    return raw if isinstance(raw, bool) else _chosen(raw, _FLAGS, f"请填“{YES}”或“{NO}”")


def _chosen(raw: Any, choices: dict[str, bool], mend: str) -> bool:
    told = line(raw)
    if told.casefold() not in choices:
        raise CellError(f"填的“{told[:20]}”不认识", mend)
    return choices[told.casefold()]


def _kind(raw: Any) -> str:
    if isinstance(raw, bool):
        return "逻辑值"
    if isinstance(raw, list):
        return "列表"
    return "日期或时间" if isinstance(raw, date | time) else "特殊的值"
