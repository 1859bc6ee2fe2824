"""One form for what is written in several ways: brackets, widths, blanks, book-title marks."""

import re
import unicodedata
from functools import cache

BRACKETS = {**dict.fromkeys("〔[［（【﹝❲", "("), **dict.fromkeys("〕]］）】﹞❳", ")")}
DROPPED = frozenset("《》〈〉「」『』“”\"'‘’﹑")
_ORDINAL = re.compile(r"第(?=\d+号)")


class _Forms(dict[int, str]):
    """What stands for each character, made when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = form_of(chr(code))
        return found


@cache
def form_of(character: str) -> str:
    """Return what stands for a character: nothing for blanks and marks around titles."""
    if character in BRACKETS:
        return BRACKETS[character]
    if character in DROPPED or character.isspace() or not character.isprintable():
        return ""
    plain = unicodedata.normalize("NFKC", character).casefold()
    return "".join(BRACKETS.get(one, one) for one in plain if not one.isspace())


_FORMS = _Forms()


def plain(text: str) -> str:
    """Return the text in its one form; “第5号” is “5号”."""
    return _ORDINAL.sub("", text.translate(_FORMS))


def mapped(text: str) -> tuple[str, list[int]]:
    """Return the same as `plain`, and for each of its characters where it stood in `text`."""
    pairs = [(one, at) for at, character in enumerate(text) for one in form_of(character)]
    joined = "".join(one for one, _ in pairs)
    gone = {found.start() for found in _ORDINAL.finditer(joined)}
    kept = [pair for at, pair in enumerate(pairs) if at not in gone]
    return "".join(one for one, _ in kept), [at for _, at in kept]
