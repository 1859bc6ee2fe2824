"""Text cut into pairs of characters, so that a database finds any substring by an index.

Chinese has no blanks between words, and people search for two characters as often as for
ten. “老年证” becomes “老年 年证 证”: each character begins one gram, so that a substring of
two or more characters is a phrase of pairs, and a single character the beginning of a gram.
"""

import unicodedata

# Searched by the database's own word index, to which ASCII punctuation would mean something.
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()}


def normal(text: str) -> str:
    """Return `text` as it is compared: width, case and blanks make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(one if one.isprintable() else " " for one in folded)
    return " ".join(seen.translate(_WIDE).split())


def grams(text: str) -> str:
    """Return the grams of a text that is looked into, separated by blanks."""
    return " ".join(_run(run, len(run)) for run in normal(text).split(" ") if run)


def phrases(text: str) -> list[str]:
    """Return, for each word that is looked for, its grams; a single character is itself."""
    return [_run(word, max(1, len(word) - 1)) for word in normal(text).split(" ") if word]


def _run(run: str, count: int) -> str:
    return " ".join(run[at : at + 2] for at in range(count))
