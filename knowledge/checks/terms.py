"""Forbidden words and repealed documents, found in texts as people write them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from embeddings.text.dictionary import cut
from embeddings.text.normalise import unified

_LATIN = re.compile(r"[a-z0-9]", re.IGNORECASE)
# What stands for the same bracket in the name or number of a document.
_BRACKETS = str.maketrans("[【〔［﹝(（", "〔〔〔〔〔〔〔") | str.maketrans(
    "]】〕］﹞)）", "〕〕〕〕〕〕〕"
)
_LEFT_OUT = re.compile(r"[\s《》〈〉<>“”\"'‘’·,，、。;；:：]+")
_NUMBER = re.compile(r"〔\d{4}〕(?:第)?\d+号")


@dataclass(frozen=True)
class Word:
    """A word that answers must not (`blocking`) or should not use."""

    text: str
    blocking: bool


@dataclass(frozen=True)
class Repealed:
    """A document that is in force no more: its name or number, since when, what follows it."""

    name: str
    since: date | None = None
    remark: str = ""


def stands_in(word: str, text: str) -> bool:
    """Tell whether `text` has `word` as a whole term.

    Chinese has no blanks: where jieba cuts a longer word across the term's border, the
    term is not meant (最好 in 最好的; 第一 in 第一步 stays 第一步).
    """
    wanted, said = _form(word), _form(text)
    if not wanted or wanted not in said:
        return False
    if _LATIN.search(wanted):
        return bool(re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", said))
    return any(_whole(said, start, start + len(wanted)) for start in _starts(said, wanted))


def document_form(text: str) -> str:
    """Return the name or number of a document without what people write differently."""
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _LEFT_OUT.sub("", plain).casefold()


def named_files(text: str, repealed: Sequence[Repealed]) -> Iterator[tuple[Repealed, str]]:
    """Yield the repealed documents that `text` names, each with the words by which it does."""
    said = document_form(text)
    for file in repealed:
        form = document_form(file.name)
        number = _NUMBER.search(form)
        # A number without its issuer (〔2022〕5号) could be anybody's: it counts as a whole.
        if len(form) >= (6 if number else 4) and _found(said, form):
            yield file, file.name


def _found(said: str, form: str) -> bool:
    """Whether `form` stands there, and not as the end of a longer number (15号 is not 5号)."""
    start = said.find(form)
    while start >= 0:
        before, after = said[start - 1 : start], said[start + len(form) : start + len(form) + 1]
        cut = (form[0].isdigit() and before.isdigit()) or (form[-1].isdigit() and after.isdigit())
        if not cut:
            return True
        start = said.find(form, start + 1)
    return False


@lru_cache(maxsize=4096)
def _form(text: str) -> str:
    return unified(text)


def _starts(said: str, wanted: str) -> Iterator[int]:
    start = said.find(wanted)
    while start >= 0:
        yield start
        start = said.find(wanted, start + 1)


def _whole(said: str, start: int, end: int) -> bool:
    """Tell whether no word lies across a border of `said[start:end]`."""
    at, borders = 0, {0}
    for piece in cut(said):
        at += len(piece)
        borders.add(at)
    return start in borders and end in borders
