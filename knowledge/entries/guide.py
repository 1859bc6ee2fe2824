"""How a matter is handled: materials, steps, places, one a line; and an entry's keywords."""

import re
from collections.abc import Iterable

from knowledge.privacy.hidden import CONTROLS

LINES = 40
LINE_LENGTH = 300
KEYWORDS = 10
KEYWORD_LENGTH = 20
LABELS = {"materials": "办理材料", "steps": "办理流程", "places": "办理地点"}

# "1. ", "2、", "（3）" and "第一步：" before a step: the page numbers them itself.
_NUMBER = re.compile(
    r"(?:\d{1,2}[.．](?!\d)|\d{1,2}[、)）]|[（(]\d{1,2}[)）]|第[一二三四五六七八九十\d]{1,3}步[：:，,、\s])\s*"
)
_SEPARATORS = re.compile(r"[,，、;；\n]")


def lines(raw: Iterable[str], *, numbered: bool = False) -> tuple[str, ...]:
    """Return the lines without needless blanks, empty ones and numbers before them dropped."""
    tidy = (" ".join(one.split()) for one in raw)
    if numbered:
        tidy = (_NUMBER.sub("", one, count=1) if _NUMBER.match(one) else one for one in tidy)
    return tuple(one for one in tidy if one)


def keywords(raw: Iterable[str]) -> tuple[str, ...]:
    """Return the keywords, each once; a text may hold several, apart by commas or the like."""
    found = (" ".join(part.split()) for one in raw for part in _SEPARATORS.split(one))
    return tuple({one.casefold(): one for one in found if one}.values())


def guide_problems(
    *,
    materials: tuple[str, ...],
    steps: tuple[str, ...],
    places: tuple[str, ...],
    keywords: tuple[str, ...],
) -> dict[str, str]:
    """Name each list that breaks a rule, and how to mend it."""
    problems: dict[str, str] = {}
    for name, held in (("materials", materials), ("steps", steps), ("places", places)):
        label = LABELS[name]
        if len(held) > LINES:
            problems[name] = f"{label}有 {len(held)} 行，最多 {LINES} 行，请合并几行"
        for number, one in enumerate(held, start=1):
            if len(one) > LINE_LENGTH:
                problems[name] = f"{label}第 {number} 行超过 {LINE_LENGTH} 个字，请分成几行"
            elif CONTROLS.search(one):
                problems[name] = f"{label}第 {number} 行里有看不见的控制字符，请重新输入"
    if len(keywords) > KEYWORDS:
        problems["keywords"] = f"关键词有 {len(keywords)} 个，最多 {KEYWORDS} 个，请留下要紧的"
    for one in keywords:
        if len(one) > KEYWORD_LENGTH:
            told = f"{one[:KEYWORD_LENGTH]}…"
            problems["keywords"] = f"关键词“{told}”超过 {KEYWORD_LENGTH} 个字，请缩短或用逗号隔开"
        elif CONTROLS.search(one):
            problems["keywords"] = "关键词里有看不见的控制字符，请重新输入"
    return problems
