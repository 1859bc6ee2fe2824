"""Answers are Markdown; pages get HTML that can do no harm, with phones that can be dialled.

HTML in an answer is shown as the text that it is. Of what Markdown makes, only the tags and
attributes below pass; pictures come from this site alone, a video is a link.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.entries.pictures import OWN, VIDEO

_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "a", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td", "code", "hr", "img", "div",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "target"},
    "ol": {"start"},
    "img": {"src", "alt", "loading"},
    "div": {"tabindex", "role", "aria-label"},
}
_CLASSES = {"a": {"video"}, "div": {"table"}}
WIDE = 4  # a table with so many columns may be pushed sideways, with the keyboard too
# Public service numbers and ordinary Chinese telephone numbers, outside tags.
_PHONE = re.compile(
    r"(?<![\d.\-/])(?:0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4}|12[0-9]{3}|1[3-9]\d{9}|11[0-9]|12[0-2])"
    r"(?![\d\-年月日号条元%．.])"
)
_SPLIT = re.compile(r"(<a\b.*?</a>|<[^>]*>)", re.DOTALL)


@lru_cache(maxsize=4096)
def to_html(text: str) -> str:
    """Return `text` (Markdown) as sanitised HTML."""
    html = _markdown.render(text)
    html = re.sub(r"<(/?)h[12]>", r"<\1h3>", html)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_own_pictures,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "tel", "mailto"},
        link_rel="noopener noreferrer",
    )
    return dialled(clean)


def line_html(text: str) -> str:
    """Return one line of plain text as HTML, its telephone numbers to be dialled."""
    return dialled(escape(text))


def dialled(html: str) -> str:
    """Return sanitised HTML in which telephone numbers outside links are links."""
    return "".join(
        part if part.startswith("<") else _PHONE.sub(_dial, part) for part in _SPLIT.split(html)
    )


def _dial(match: re.Match[str]) -> str:
    number = match.group()
    return f'<a href="tel:{number.replace("-", "")}">{number}</a>'


def _own_pictures(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and not OWN.fullmatch(value):
        return None
    return value


def _image(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """Show our own pictures; to another site's there is a link, and nothing is fetched."""
    source, told = str(tokens[at].attrGet("src") or ""), tokens[at].content.strip()
    if OWN.fullmatch(source):
        return f'<img src="{source}" alt="{escape(told)}" loading="lazy">'
    words = escape(f"图片：{told}" if told else "图片")
    if re.match(r"https?://", source, re.IGNORECASE):
        return f'<a href="{escape(source)}" target="_blank">{words}</a>'
    return words


def _link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Open other sites beside this page; a link that begins with “视频：” is a card."""
    token = tokens[at]
    address = str(token.attrGet("href") or "").casefold()
    if address.startswith(("http://", "https://", "//")):
        token.attrSet("target", "_blank")
    if address.startswith("https://") and VIDEO.match(tokens[at + 1].content):
        token.attrSet("class", "video")
    return str(renderer.renderToken(tokens, at, options, env))


def _table(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    columns = 0
    for token in tokens[at:]:
        if token.type == "thead_close":
            break
        columns += token.type == "th_open"
    more = ' tabindex="0" role="group" aria-label="表格"' if columns >= WIDE else ""
    return f'<div class="table"{more}><table>\n'


def _built() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("link_open", _link)
    markdown.add_render_rule("table_open", _table)
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return markdown


_markdown = _built()
