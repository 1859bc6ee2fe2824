"""Numbers that an address line or a form names."""

DIGITS = 9  # of the greatest id that every database takes


def number(text: str) -> int | None:
    """Return the number that a text names, or None where it can be no id of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None
