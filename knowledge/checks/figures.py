"""Figures in two answers: what both state, and state differently."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.text.normalise import unified

_N = r"[0-9〇零一二两三四五六七八九十百千万亿][0-9〇零一二两三四五六七八九十百千万亿,.]{0,15}"
_RANGE = rf"{_N}(?:\s*[-~至到—～]\s*{_N})?"
_KINDS = {
    "电话": r"(?<!\d)(?:0\d{2,3}[-\s]?\d{7,8}|400-?\d{3}-?\d{4}|12\d{3}|1[3-9]\d{9}|[2-9]\d{6,7})"
    r"(?![\d元])",
    "日期": r"\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d{4}-\d{1,2}-\d{1,2}",
    "钟点": r"(?<!\d)\d{1,2}[:：]\d{2}(?:\s*[-~至到—～]\s*\d{1,2}[:：]\d{2})?",
    "金额": rf"{_RANGE}\s*[万亿]?元",
    "比例": rf"{_RANGE}\s*%|百分之{_N}",
    "时限": rf"{_RANGE}\s*个?(?:工作日|自然日|小时|分钟|周岁|月|天|日|年)",
    "地址": r"[\u4e00-\u9fff]{2,10}(?:路|街|大道|巷|里)\s*\d+\s*(?:之\s*\d+)?号",
}
_PATTERN = re.compile("|".join(f"(?P<k{at}>{one})" for at, one in enumerate(_KINDS.values())))
_NAMES = tuple(_KINDS)
_LEFT_OUT = re.compile(r"[\s,，]|(?<=\d)-(?=\d)")
_DASH = re.compile(r"[~至到—～]")


@dataclass(frozen=True)
class Figure:
    """A figure as it stands in a text, its kind, and the form by which two are compared."""

    kind: str
    text: str
    form: str
    start: int


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `kind` tells which differing figure it is, if one."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Disagreement:
    """Figures of one kind that only one of two texts has, on either side."""

    kind: str
    here: tuple[str, ...]
    there: tuple[str, ...]

    def __str__(self) -> str:
        here, there = "、".join(self.here[:4]), "、".join(self.there[:4])
        return f"两条写的{self.kind}不一样：这一条 {here} / 那一条 {there}"


def figures(text: str) -> list[Figure]:
    """Return the figures of `text` (NFKC form), in its order."""
    plain = unicodedata.normalize("NFKC", text)
    found = []
    for match in _PATTERN.finditer(plain):
        kind = _NAMES[int((match.lastgroup or "k0")[1:])]
        found.append(Figure(kind, match.group(), _form(kind, match.group()), match.start()))
    return found


def disagreements(here: str, there: str) -> list[Disagreement]:
    """Return the kinds of which each text has figures that the other has not.

    Where one only says more than the other, nothing is said against either.
    """
    mine, theirs = figures(here), figures(there)
    found = []
    for kind in _NAMES:
        left = {one.form: one.text for one in mine if one.kind == kind}
        right = {one.form: one.text for one in theirs if one.kind == kind}
        only_left = tuple(text for form, text in left.items() if form not in right)
        only_right = tuple(text for form, text in right.items() if form not in left)
        if only_left and only_right:
            found.append(Disagreement(kind, only_left, only_right))
    return found


def marked(text: str, differing: Sequence[str]) -> list[Piece]:
    """Return `text` in pieces; figures whose text is among `differing` carry their kind."""
    plain, at, pieces = unicodedata.normalize("NFKC", text), 0, []
    for one in figures(text):
        if one.text in differing:
            pieces += [Piece(plain[at : one.start]), Piece(one.text, one.kind)]
            at = one.start + len(one.text)
    pieces.append(Piece(plain[at:]))
    return [piece for piece in pieces if piece.text]


def _form(kind: str, text: str) -> str:
    if kind == "日期":
        return "-".join(str(int(part)) for part in re.findall(r"\d+", text))
    if kind == "电话":
        return re.sub(r"\D", "", text)
    return _LEFT_OUT.sub("", _DASH.sub("-", unified(text))).replace("之", "")
