"""Texts that a spreadsheet would take for something else, and the way back."""

import re

# Excel reads a csv cell that starts so as a formula (full-width signs: in Chinese Excel).
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
# How xlsx writes characters that XML cannot hold, and its own escape.
_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LIKE_ENCODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def csv_escaped(text: str) -> str:
    """Put an apostrophe before what Excel would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_unescaped(text: str) -> str:
    """Undo `csv_escaped`; an apostrophe before anything else stays."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def xlsx_escaped(text: str) -> str:
    """Let a text that looks like `_x000D_` stay just that in Excel."""
    return _LIKE_ENCODED.sub("_x005F_", text)


def xlsx_unescaped(text: str) -> str:
    """Undo `xlsx_escaped`, and decode the control characters that Excel encodes."""
    return _ENCODED.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0x20 or code == 0x5F else found[0]
