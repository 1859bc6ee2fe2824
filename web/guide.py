"""How a matter is handled, as parts that fold up: the same for citizens, operators, previews."""

from typing import Protocol

from web.markdown import line_html


class Guide(Protocol):
    """What has these parts: a card, a version, a content."""

    @property
    def materials(self) -> tuple[str, ...] | list[str]:
        """One material a line."""

    @property
    def steps(self) -> tuple[str, ...] | list[str]:
        """One step a line, in order."""

    @property
    def fees(self) -> str:
        """What it costs."""

    @property
    def time_limit(self) -> str:
        """How long it takes."""

    @property
    def places(self) -> tuple[str, ...] | list[str]:
        """One place a line: name, address, phone, hours."""


def guide_html(guide: Guide, *, unfolded: bool = False) -> str:
    """Return the parts that are filled in as safe HTML; empty where none is.

    Args:
        unfolded: all parts open, as operators want them.
    """
    opened = " open" if unfolded else ""
    parts = [
        ("办理材料", _list(guide.materials, "ul"), f"（{len(guide.materials)} 项）"),
        ("办理流程", _list(guide.steps, "ol"), f"（{len(guide.steps)} 步）"),
        ("办理地点", _list(guide.places, "ul"), f"（{len(guide.places)} 处）"),
    ]
    folded = "".join(
        f'<details class="part"{opened}><summary>{name}<span>{count}</span></summary>'
        f"{body}</details>"
        for name, body, count in parts
        if body
    )
    short = "".join(
        f"<div><dt>{name}</dt><dd>{_text(text)}</dd></div>"
        for name, text in (("收费标准", guide.fees), ("办理时限", guide.time_limit))
        if text
    )
    return (f'<dl class="brief">{short}</dl>' if short else "") + folded


def _list(lines: tuple[str, ...] | list[str], tag: str) -> str:
    items = "".join(f"<li>{line_html(one)}</li>" for one in lines)
    return f"<{tag}>{items}</{tag}>" if items else ""


def _text(text: str) -> str:
    return line_html(text).replace("\n", "<br>")
