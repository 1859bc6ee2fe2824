"""Characters that nobody sees: they hide a number, or turn a line around."""

import re

# C0 and C1 controls but for tab and line feed, and what reorders text on the screen.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(f"{CONTROLS.pattern}|[\xad\u200b-\u200f\u2060-\u2065\ufe00-\ufe0f\ufeff]")


def visible(text: str) -> str:
    """Return `text` without the characters that nobody sees."""
    return _UNSEEN.sub("", text)
