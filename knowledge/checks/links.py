"""Dead ways inside our own house: links to our pages, and codes of entries."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.checks.findings import Finding, blocking, notice
from knowledge.checks.markdown import links
from knowledge.entries.content import EntryContent, window
from knowledge.entries.models import Entry, EntryVersion

_CODE = re.compile(r"(?<![\w./@-])[a-z][a-z0-9]{0,15}(?:-[a-z0-9]+){1,4}(?![\w/@-])")
_ENTRY = re.compile(r"^/department/entries/([^/]+)")


@dataclass(frozen=True)
class Site:
    """What the pages know of themselves: their own names, and which paths citizens may open."""

    hosts: frozenset[str] = field(default_factory=frozenset)
    opens: Callable[[str], bool] = lambda _: False


def check(session: Session, content: EntryContent, site: Site) -> list[Finding]:
    """Return the links and codes that lead nowhere, or where citizens may not go."""
    return [*_links(session, content, site), *_codes(session, content)]


def _links(session: Session, content: EntryContent, site: Site) -> Iterator[Finding]:
    for link in links(content.answer):
        words = link.words or link.target
        try:
            parts = urlsplit(link.target)
            host = parts.hostname or ""
        except ValueError:
            yield blocking("answer", words, f"链接“{link.target[:60]}”写错了", "改成完整的网址")
            continue
        if parts.scheme in {"tel", "mailto"} or (host and host not in site.hosts):
            continue
        if parts.scheme and parts.scheme not in {"http", "https"}:
            told = f"链接“{link.target[:60]}”市民点不开"
            yield blocking("answer", words, told, "改成 https:// 开头的网址，或写成文字")
            continue
        found = _ENTRY.match(unquote(parts.path))
        if found:
            yield _staff_page(session, words, found.group(1))
        elif not parts.path and (parts.fragment or not parts.query):
            told = f"链接“#{unquote(parts.fragment)[:40]}”指向答案里的一处，那里没有可跳的位置"
            yield blocking("answer", words, told, "删去链接，写成“见下面的……”")
        elif not site.opens(parts.path or "/"):
            told = f"链接“{unquote(parts.path)[:60]}”在本站没有市民能打开的页面"
            yield blocking("answer", words, told, "改成完整的网址，或删去链接")


def _staff_page(session: Session, words: str, code: str) -> Finding:
    if code in _in_service(session, [code]):
        return blocking(
            "answer",
            words,
            f"链接到条目 {code} 的工作页，市民打不开",
            "把要说的话写进答案，或请市民接着问",
        )
    return blocking("answer", words, f"链接到条目 {code}，它不在服务", "删去链接，或先发布那一条")


def _codes(session: Session, content: EntryContent) -> Iterator[Finding]:
    """A code that is written out: citizens know no codes, and a withdrawn one is a trap."""
    plain = re.sub(r"\]\([^)]*\)", "]", content.answer)
    for name, text in (("answer", plain), ("spoken_answer", content.spoken_answer)):
        said = list(dict.fromkeys(_CODE.findall(text)))[:200]
        known = set(session.scalars(select(Entry.code).where(Entry.code.in_(said))))
        served = _in_service(session, list(known))
        for code in (one for one in said if one in known):
            if code in served:
                yield notice(
                    name, code, f"写着条目编号 {code}，市民不知道编号", "改成那一条的标准问"
                )
            else:
                yield blocking(name, code, f"提到的条目 {code} 不在服务", "删去，或改成在用的条目")


def _in_service(session: Session, codes: list[str]) -> set[str]:
    rows = session.execute(
        select(Entry.code, EntryVersion.valid_from, EntryVersion.valid_until)
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .where(Entry.code.in_(codes))
    )
    instant = clock.now()
    return {row.code for row in rows if window(row.valid_from, row.valid_until).holds(instant)}
