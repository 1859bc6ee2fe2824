"""What is wrong with an answer's headings, tables and links, as Markdown is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.checks.findings import Finding, notice

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Link:
    """A link of an answer: its words and where it leads."""

    words: str
    target: str


def links(answer: str) -> list[Link]:
    """Return the links of an answer, in its order."""
    found = []
    for token in _markdown.parse(answer):
        inner = token.children or []
        for at, child in enumerate(inner):
            if child.type == "link_open":
                words = _words(inner[at + 1 :])
                found.append(Link(words, str(child.attrGet("href") or "")))
    return found


def structure(answer: str) -> Iterator[Finding]:
    """Yield what is wrong with headings and tables."""
    yield from _headings(_markdown.parse(answer))
    yield from _tables(answer.split("\n"))


def _words(tokens: list[Token]) -> str:
    said = []
    for token in tokens:
        if token.type == "link_close":
            break
        said.append(token.content)
    return "".join(said)


def _headings(tokens: list[Token]) -> Iterator[Finding]:
    """A heading is empty without words, or without anything under it."""
    remedy = "写上内容，或删去这个标题"
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = tokens[at + 1].content.strip()
        if not title:
            yield notice("answer", token.markup, "有一个没有字的标题", remedy)
            continue
        after = tokens[at + 3] if at + 3 < len(tokens) else None
        higher = after is not None and after.type == "heading_open" and after.tag <= token.tag
        if after is None or higher:
            yield notice("answer", title, f"标题“{title[:30]}”下面没有内容", remedy)


def _tables(lines: list[str]) -> Iterator[Finding]:
    """Rows in bars are meant as a table: with a rule below the head, and as many cells each."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _ROW.match(lines[end]):
            end += 1
        if end - start >= 2:
            yield from _table(lines[start:end], start + 1)
        start = max(end, start + 1)


def _table(rows: list[str], first: int) -> Iterator[Finding]:
    if not _RULE.match(rows[1]):
        yield notice(
            "answer",
            rows[0].strip(),
            f"第 {first} 行起像一个表格，但表头下面缺少“| --- |”一行，会显示成一堆竖线",
            "在表头下面补一行，每列写一个 ---",
        )
        return
    wanted = _cells(rows[0])
    for number, row in enumerate(rows[1:], start=first + 1):
        if _cells(row) != wanted:
            yield notice(
                "answer",
                row.strip(),
                f"表格第 {number} 行有 {_cells(row)} 格，表头有 {wanted} 格",
                "每一行的格数要和表头一样；格子里要写竖线的，写成 \\|",
            )


def _cells(row: str) -> int:
    return len(_PIPE.findall(row.strip())) - 1
