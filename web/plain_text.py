"""Answers as plain text, in messages of a bounded size: for WeChat, short messages, reading out."""

import re
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from web.guide import Guide

MESSAGE_BYTES = 2048  # what WeChat takes in one text message, in UTF-8
MOST = 99  # messages that an answer may become; the numbers have two digits at most

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
# A sentence with what ends it, or a line.
_SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;]+[”’」』）)]*|\n+|$)")


@lru_cache(maxsize=1024)
def to_text(markdown: str) -> str:
    """Return Markdown as plain text: lists numbered, a table row a line, addresses written out."""
    tokens = _markdown.parse(markdown)
    return re.sub(r"\n{3,}", "\n\n", "".join(_Writer().written(tokens))).strip()


def guide_text(guide: Guide) -> str:
    """Return the parts of how a matter is handled as plain text; empty where none is filled in."""
    parts = []
    for name, lines in (
        ("办理材料", guide.materials),
        ("办理流程", guide.steps),
        ("收费标准", [guide.fees] if guide.fees else []),
        ("办理时限", [guide.time_limit] if guide.time_limit else []),
        ("办理地点", guide.places),
    ):
        if len(lines) == 1:
            parts.append(f"【{name}】{lines[0]}")
        elif lines:
            numbered = (f"{number}. {one}" for number, one in enumerate(lines, start=1))
            parts.append("\n".join((f"【{name}】", *numbered)))
    return "\n\n".join(parts)


def entry_messages(answer: str, guide: Guide, limit: int = MESSAGE_BYTES) -> list[str]:
    """Return an answer (Markdown) and how its matter is handled as messages: see `messages`."""
    return messages(f"{to_text(answer)}\n\n{guide_text(guide)}", limit)


def messages(text: str, limit: int = MESSAGE_BYTES) -> list[str]:
    """Split plain text at sentences into messages of at most `limit` bytes in UTF-8.

    More than one are numbered: （1/3） stands before each. A sentence that is longer than a
    message is split between characters; nothing is left out.

    Raises:
        ValueError: `limit` leaves no room for text beside the number.
    """
    text = text.strip()
    if len(text.encode()) <= limit:
        return [text] if text else []
    room = limit - len(f"（{MOST}/{MOST}）".encode())
    if room < 4:
        raise ValueError(f"{limit} bytes hold no message")
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, room):
        if len((current + piece).rstrip().encode()) > room:
            parts.append(current.strip())
            current = ""
        current += piece
    parts = [part for part in (*parts, current.strip()) if part]
    return [f"（{number}/{len(parts)}）{part}" for number, part in enumerate(parts, start=1)]


def _pieces(text: str, room: int) -> list[str]:
    """Return sentences, none of more than `room` bytes; joined they are the text."""
    found: list[str] = []
    for sentence in _SENTENCE.findall(text):
        rest = sentence
        while len(rest.encode()) > room:
            head = rest.encode()[:room].decode(errors="ignore")
            found.append(head)
            rest = rest[len(head) :]
        if rest:
            found.append(rest)
    return found


class _Writer:
    """Walks the tokens of a document and keeps which lists it is in."""

    def __init__(self) -> None:
        self.lists: list[int | None] = []  # the next number; None where there are only dots
        self.titles: list[str] = []
        self.cells: list[str] = []
        self.in_head = False

    def written(self, tokens: Sequence[Token]) -> list[str]:
        """Return the pieces of text."""
        return [self._piece(token) for token in tokens]

    def _piece(self, token: Token) -> str:
        kind = token.type
        if kind in {"fence", "code_block"}:
            return f"{token.content.rstrip()}\n\n"
        if kind == "inline":
            return self._inline(token)
        if kind in {"heading_open", "heading_close"}:
            return "【" if kind == "heading_open" else "】\n"
        if kind == "paragraph_close":
            return "\n" if self.lists else "\n\n"
        return self._of_list(token) if "list" in kind else self._of_table(token)

    def _of_list(self, token: Token) -> str:
        match token.type:
            case "ordered_list_open":
                self.lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                self.lists.pop()
                return "" if self.lists else "\n"
            case "list_item_open":
                return self._mark()
        return ""

    def _mark(self) -> str:
        indent = "  " * (len(self.lists) - 1)
        number = self.lists[-1]
        if number is None:
            return f"{indent}· "
        self.lists[-1] = number + 1
        return f"{indent}{number}. "

    def _inline(self, token: Token) -> str:
        text = _inline_text(token.children or [])
        if self.in_head or self.titles:
            self.cells.append(" ".join(text.split()))
            return ""
        return text

    def _of_table(self, token: Token) -> str:
        match token.type:
            case "thead_open":
                self.in_head = True
            case "thead_close":
                self.in_head, self.titles, self.cells = False, self.cells, []
            case "tr_close" if not self.in_head:
                pairs = zip(self.titles, self.cells, strict=False)
                row = "；".join(
                    f"{title}：{cell}" if title else cell for title, cell in pairs if cell
                )
                self.cells = []
                return f"· {row}\n" if row else ""
            case "table_close":
                self.titles, self.cells = [], []
                return "\n"
        return ""


def _inline_text(children: Sequence[Token]) -> str:
    out: list[str] = []
    opened: list[tuple[str, int]] = []  # the address of a link, and where its words begin
    for token in children:
        match token.type:
            case "softbreak" | "hardbreak":
                out.append("\n")
            case "image":
                out.append(f"［图片：{token.content.strip() or '无说明'}］")
            case "link_open":
                opened.append((str(token.attrGet("href") or ""), len(out)))
            case "link_close":
                address, start = opened.pop()
                out.append(_address("".join(out[start:]), address))
            case _:
                out.append(token.content)
    return "".join(out)


def _address(words: str, address: str) -> str:
    """Return what is written behind the words of a link: its address, if they do not say it."""
    plain = re.sub(r"^(?:tel|mailto):", "", address, flags=re.IGNORECASE)
    known = re.sub(r"[\s-]", "", words)
    return "" if re.sub(r"[\s-]", "", plain) in known else f"（{plain}）"
