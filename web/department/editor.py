"""What the page of the editor needs besides the form."""

from typing import Any

from knowledge.entries.guide import LINE_LENGTH, LINES
from knowledge.pictures.service import PICTURE_BYTES
from web.services import services


def editor_context(subject: str) -> dict[str, Any]:
    """Return what the templates of the editor read.

    Args:
        subject: under which name the typing is kept (`knowledge.autosaves`).
    """
    settings = services().settings
    return {
        "autosave_subject": subject,
        "speaking_rate": settings.spoken_characters_per_second,
        "spoken_seconds": settings.spoken_seconds,
        "picture_bytes": PICTURE_BYTES,
        "most_lines": LINES,
        "line_length": LINE_LENGTH,
    }
