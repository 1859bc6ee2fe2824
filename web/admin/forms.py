"""What the forms of administrators and managers share: numbers read, problems, conflicts."""

from dataclasses import dataclass, field

from flask import request


@dataclass
class Typed:
    """What the person wrote, by field name, and what was wrong with it.

    `seen` is the `lock_version` of the thing as the person saw it.
    """

    fields: dict[str, str]
    seen: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    conflict: str = ""

    def number(self, name: str) -> int | None:
        """Return a field as a number; None if it is empty.

        Text that is no number comes back as -1, which every rule refuses.
        """
        text = self.fields.get(name, "").strip()
        if not text:
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def typed(*names: str) -> Typed:
    """Return what the posted form holds in these fields."""
    seen = request.form.get("lock_version", 0, type=int)
    return Typed({name: request.form.get(name, "")[:200] for name in names}, seen)


def number(text: str | None) -> int | None:
    """Return the id that a form or an address line names, if it can be one."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
