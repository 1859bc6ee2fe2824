"""A readable difference between two contents of an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from knowledge.entries.content import EntryContent

# Every field that is compared, in the order in which it is shown.
LABELS = {
    "standard_question": "标准问",
    "similar_questions": "相似问",
    "negative_questions": "负例问",
    "answer": "答案",
    "spoken_answer": "口播答案",
    "materials": "办理材料",
    "steps": "办理流程",
    "fees": "收费标准",
    "time_limit": "办理时限",
    "places": "办理地点",
    "category_id": "分类",
    "issuing_body": "发文单位",
    "legal_basis": "办理依据",
    "region": "适用区域",
    "audience": "适用对象",
    "valid_from": "有效期起",
    "valid_until": "有效期止",
    "keywords": "关键词",
}
ALIKE = 0.4  # below this share of common characters two lines are shown as different wholly
SHORT = 2  # so few equal characters between two changes are shown as part of the change


@dataclass(frozen=True)
class Piece:
    """A stretch of text, changed or common to both sides."""

    text: str
    changed: bool


BREAK = Piece("\n", False)


@dataclass(frozen=True)
class Difference:
    """A field that two contents fill differently; each side's pieces join to its text."""

    name: str
    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def differences(
    before: EntryContent, after: EntryContent, categories: Mapping[int, str] | None = None
) -> list[Difference]:
    """Return the fields in which two contents differ, in the order of `LABELS`.

    Args:
        categories: the path of each category, to name it.
    """
    return [
        Difference(name, LABELS[name], *compared(old, new))
        for name, (old, new) in changed_texts(before, after, categories).items()
    ]


def changed_texts(
    before: EntryContent, after: EntryContent, categories: Mapping[int, str] | None = None
) -> dict[str, tuple[str, str]]:
    """Return the old and the new text of each field that differs, in the order of `LABELS`."""
    texts = {
        name: (
            _text(name, getattr(before, name), categories or {}),
            _text(name, getattr(after, name), categories or {}),
        )
        for name in LABELS
    }
    return {name: (old, new) for name, (old, new) in texts.items() if old != new}


def _text(name: str, value: Any, categories: Mapping[int, str]) -> str:
    if name == "category_id":
        return categories.get(value, "") if value else ""
    if isinstance(value, tuple):
        return "\n".join(map(str, value))
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value or "").replace("\r\n", "\n")


def compared(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return the pieces of both: by lines, and where two lines are alike by characters."""
    olds, news = old.split("\n"), new.split("\n")
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, olds, news).get_opcodes():
        pairs = min(b - a, d - c)
        for one, other in zip(olds[a : a + pairs], news[c : c + pairs], strict=True):
            was, became = _by_character(one, other)
            left += [*was, BREAK]
            right += [*became, BREAK]
        for line in olds[a + pairs : b]:
            left += [Piece(line, tag != "equal"), BREAK]
        for line in news[c + pairs : d]:
            right += [Piece(line, tag != "equal"), BREAK]
    return _joined(left[:-1]), _joined(right[:-1])


def _by_character(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    if old == new:
        return [Piece(old, False)], [Piece(new, False)]
    matcher = SequenceMatcher(None, old, new)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return [Piece(old, True)], [Piece(new, True)]
    codes = matcher.get_opcodes()
    left, right = [], []
    for place, (tag, a, b, c, d) in enumerate(codes):
        between = 0 < place < len(codes) - 1
        same = tag == "equal" and not (between and b - a <= SHORT)
        left.append(Piece(old[a:b], not same))
        right.append(Piece(new[c:d], not same))
    return left, right


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Join neighbours of one kind; empty ones go."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if found and found[-1].changed == piece.changed:
            found[-1] = Piece(found[-1].text + piece.text, piece.changed)
        else:
            found.append(piece)
    return tuple(found)
