"""The lists that managers keep: words that answers must not use, documents that lapsed."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knowledge import clock
from knowledge.audit.service import record
from knowledge.checks.models import CheckList
from knowledge.checks.terms import Repealed, Word, document_form
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.people.actor import Actor, Right
from knowledge.privacy.hidden import visible

SHIPPED = Path(__file__).with_name("forbidden.txt")
LINES = 1000
WORD_LENGTH = 20
FILE_LENGTH = 120
CHARACTERS = 60_000
MUST, MAY = "# 必须处理", "# 请留意"
_BARS = re.compile(r"[|｜\t]")


class Name(StrEnum):
    """Which list."""

    WORDS = "words"
    REPEALED = "repealed"


@dataclass(frozen=True)
class Lists:
    """Both lists as the checks use them; `digest` changes when they do."""

    words: tuple[Word, ...]
    repealed: tuple[Repealed, ...]
    digest: str


@dataclass(frozen=True)
class Kept:
    """A list as it is edited: its text, and the state of it that was seen (0: never saved)."""

    text: str
    lock_version: int
    updated_by: str = ""


def lists(session: Session) -> Lists:
    """Return the lists in force."""
    words, files = kept(session, Name.WORDS).text, kept(session, Name.REPEALED).text
    return _parsed(words, files)


def kept(session: Session, name: Name) -> Kept:
    """Return a list as text."""
    row = session.get(CheckList, name.value)
    if row is not None:
        return Kept(row.text, row.lock_version, row.updated_by)
    text = SHIPPED.read_text(encoding="utf-8") if name is Name.WORDS else ""
    return Kept(text, 0)


def save(session: Session, actor: Actor, name: Name, text: str, seen: int) -> None:
    """Put `text` in the place of a list.

    Raises:
        NotAllowedError: not a manager.
        ContentError: names the lines that are wrong.
        ConflictError: somebody saved the list after `seen`.
    """
    require_manager(actor)
    text = "\n".join(line.rstrip() for line in visible(text).replace("\r\n", "\n").split("\n"))
    text = text.strip("\n")
    _check(name, text)
    row = session.get(CheckList, name.value)
    if seen != (row.lock_version if row is not None else 0):
        raise ConflictError("您打开之后，这份名单已被别人修改")
    before = kept(session, name).text
    if row is None:
        row = CheckList(name=name.value)
        session.add(row)
    row.text, row.updated_at, row.updated_by = text, clock.now(), actor.name
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise ConflictError("您打开之后，这份名单已被别人修改") from error
    changed = {"before": {"text": before}, "after": {"text": text}}
    record(session, actor, f"check_{name.value}_changed", f"checks:{name.value}", **changed)


def require_manager(actor: Actor) -> None:
    """Refuse whoever does not keep the checks.

    Raises:
        NotAllowedError: not a manager.
    """
    if not actor.may(Right.MANAGE_CATEGORIES):  # what the whole hotline shares
        raise NotAllowedError("发布前检查的名单由热线知识管理员维护，您可以看结果，不能改名单")


@lru_cache(maxsize=4)
def _parsed(words: str, files: str) -> Lists:
    digest = hashlib.sha256(f"{words}\0{files}".encode()).hexdigest()
    return Lists(tuple(_words(words)), tuple(_files(files)), digest)


def _words(text: str) -> Iterator[Word]:
    blocking = True
    for line in map(str.strip, text.split("\n")):
        if line.startswith("#"):
            blocking = line != MAY
        elif line:
            yield Word(line, blocking)


def _files(text: str) -> Iterator[Repealed]:
    for line in map(str.strip, text.split("\n")):
        if line and not line.startswith("#"):
            name, since, remark = _columns(line)
            yield Repealed(name, date.fromisoformat(since) if since else None, remark)


def _columns(line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in _BARS.split(line)]
    return parts[0], (parts[1] if len(parts) > 1 else ""), " ".join(parts[2:])


def _check(name: Name, text: str) -> None:
    lines = text.split("\n")
    if len(text) > CHARACTERS or len(lines) > LINES:
        raise ContentError({name.value: f"名单太长：最多 {LINES} 行、{CHARACTERS:,} 个字"})
    wrong = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line and not line.startswith("#"):
            problem = _word_problem(line) if name is Name.WORDS else _file_problem(line)
            if problem:
                wrong.append(f"第 {number} 行“{line[:20]}”{problem}")
    if wrong:
        more = f"；还有 {len(wrong) - 10} 行" if len(wrong) > 10 else ""
        raise ContentError({name.value: "；".join(wrong[:10]) + more})


def _word_problem(line: str) -> str:
    if len(line) < 2:
        return "只有一个字，会错怪很多句子，请写完整的词"
    if len(line) > WORD_LENGTH:
        return f"有 {len(line)} 个字，最多 {WORD_LENGTH} 个，一行写一个词"
    return "" if any(one.isalnum() for one in line) else "没有文字"


def _file_problem(line: str) -> str:
    name, since, remark = _columns(line)
    if not 4 <= len(document_form(name)) <= FILE_LENGTH:
        return f"的文件名称或文号应有 4 到 {FILE_LENGTH} 个字"
    if len(remark) > FILE_LENGTH:
        return f"的说明最多 {FILE_LENGTH} 个字"
    try:
        date.fromisoformat(since or "2000-01-01")
    except ValueError:
        return "的日期请写成 2024-03-01 的样子，放在第二栏，或留空"
    return ""
