"""Answers are Markdown; pages get HTML that can do no harm, with phones that can be dialled."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "a", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td", "code", "hr",
}  # fmt: skip
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
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "tel", "mailto"},
        link_rel="noopener noreferrer",
    )
    return "".join(
        part if part.startswith("<") else _PHONE.sub(_dial, part) for part in _SPLIT.split(clean)
    )


def _dial(match: re.Match[str]) -> str:
    number = match.group()
    return f'<a href="tel:{number.replace("-", "")}">{number}</a>'
