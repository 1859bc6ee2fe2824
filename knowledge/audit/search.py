"""Search the audit log; a page costs the same at a thousand rows and at a million."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.audit.wording import KIND_NAMES
from knowledge.entries.models import Entry
from knowledge.errors import NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right
from knowledge.people.models import User

SIZE = 50
SCAN = 20_000  # rows that one page reads at most where no index leads to them
MARGIN = 1000  # rows whose times may be out of order: clocks are set, machines differ
VERIFIED = "audit_verified"
_KINDS = {name: kind for kind, name in KIND_NAMES.items()}
_SUBJECT = re.compile(r"(\w+?)\s*[:：]?\s*(\d+)")


@dataclass(frozen=True)
class Filter:
    """What is asked for; days are whole days in Asia/Shanghai, both included."""

    person: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""

    def told(self) -> dict[str, str]:
        """Return what was asked, for the log."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @property
    def needs_reading(self) -> bool:
        """Tell whether rows must be read one by one: no index answers this alone."""
        equal = sum(map(bool, (self.person, self.action, self.subject)))
        return bool(self.text) or equal > 1


@dataclass(frozen=True)
class Found:
    """A page, newest first. `older` is where the next begins, None at the end.

    `reached` is the time up to which rows were read, where reading stopped before the page
    was full.
    """

    rows: Sequence[AuditRecord]
    older: int | None = None
    reached: datetime | None = None


def search(
    session: Session, actor: Actor, wanted: Filter, before: int | None = None, size: int = SIZE
) -> Found:
    """Return the newest matching rows with a number below `before`.

    Raises:
        NotAllowedError: the actor may not read the log.
    """
    require_reader(actor)
    low, high = _bounds(session, wanted)
    top = high if before is None else min(high, before - 1)
    bottom = max(low, top - SCAN + 1) if wanted.needs_reading else low
    query = (
        select(AuditRecord)
        .where(AuditRecord.id <= top, AuditRecord.id >= bottom, *_conditions(session, wanted))
        .order_by(AuditRecord.id.desc())
        .limit(size + 1)
    )
    rows = session.scalars(query).all()
    if len(rows) > size:
        return Found(rows[:size], older=rows[size - 1].id)
    if bottom <= low:
        return Found(rows)
    at = session.scalar(
        select(AuditRecord.at).where(AuditRecord.id <= bottom).order_by(AuditRecord.id.desc())
    )
    return Found(rows, older=bottom, reached=at)


def every(session: Session, actor: Actor, wanted: Filter, most: int) -> Iterator[AuditRecord]:
    """Yield the newest `most` matching rows, newest first."""
    given, before = 0, None
    while given < most:
        found = search(session, actor, wanted, before, min(1000, most - given))
        yield from found.rows
        given += len(found.rows)
        session.expunge_all()
        if found.older is None:
            return
        before = found.older


def one(session: Session, actor: Actor, number: int) -> AuditRecord:
    """Return a row.

    Raises:
        NotAllowedError: the actor may not read the log.
        NotFoundError: there is no such row.
    """
    require_reader(actor)
    found = session.get(AuditRecord, number)
    if found is None:
        raise NotFoundError(f"操作记录里没有第 {number} 行")
    return found


def last_verified(session: Session) -> AuditRecord | None:
    """Return the note of the last verification, if there was one."""
    newest = select(AuditRecord).where(AuditRecord.action == VERIFIED)
    return session.scalars(newest.order_by(AuditRecord.id.desc()).limit(1)).first()


def require_reader(actor: Actor) -> None:
    """Refuse who may not read the log.

    Raises:
        NotAllowedError: so it is.
    """
    if not actor.may(Right.READ_AUDIT):
        raise NotAllowedError("您的账号不能查看操作记录；需要的话请联系系统管理员")


def _bounds(session: Session, wanted: Filter) -> tuple[int, int]:
    """Return the lowest and highest number that can match, by the index of times."""
    low, high = 1, session.scalar(select(func.max(AuditRecord.id))) or 0
    first = select(AuditRecord.id).order_by(AuditRecord.at, AuditRecord.id).limit(1)
    if wanted.since is not None:
        found = session.scalar(first.where(AuditRecord.at >= _midnight(wanted.since)))
        low = max(low, (high + 1 if found is None else found) - MARGIN)
    if wanted.until is not None:
        after = wanted.until + timedelta(days=1)
        found = session.scalar(first.where(AuditRecord.at >= _midnight(after)))
        high = high if found is None else min(high, found + MARGIN)
    return low, high


def _conditions(session: Session, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.person:
        yield AuditRecord.actor_name == wanted.person
    if wanted.action:
        yield AuditRecord.action == wanted.action
    if wanted.subject:
        yield AuditRecord.subject == _subject(session, wanted.subject)
    if wanted.since is not None:
        yield AuditRecord.at >= _midnight(wanted.since)
    if wanted.until is not None:
        yield AuditRecord.at < _midnight(wanted.until + timedelta(days=1))
    if wanted.text:
        yield _says(wanted.text)


def _says(text: str) -> ColumnElement[bool]:
    """Look into what was before and after, which may be kept with `\\u` escapes."""
    forms = {text, json.dumps(text)[1:-1]}
    columns: list[Any] = [cast(one, Text) for one in (AuditRecord.before, AuditRecord.after)]
    inside = [column.contains(form, autoescape=True) for column in columns for form in forms]
    plain = (AuditRecord.actor_name, AuditRecord.subject, AuditRecord.address)
    return or_(*inside, *(column.contains(text, autoescape=True) for column in plain))


def _subject(session: Session, text: str) -> str:
    """Return the thing that is meant: `entry:12`, 条目 12, an entry's code, a user name."""
    entry_id = session.scalar(select(Entry.id).where(Entry.code == text))
    if entry_id is not None:
        return f"entry:{entry_id}"
    user_id = session.scalar(select(User.id).where(User.username == text))
    if user_id is not None:
        return f"user:{user_id}"
    found = _SUBJECT.fullmatch(text)
    if found and found[1] in _KINDS:
        return f"{_KINDS[found[1]]}:{found[2]}"
    return text


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.SHANGHAI)
