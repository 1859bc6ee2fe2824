"""Write the audit log, and read what was done to one thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from knowledge import clock
from knowledge.audit.chain import digest, plain
from knowledge.audit.models import AuditHead, AuditRecord
from knowledge.people.actor import Actor

WAITING = "audit_waiting"
PORTION = 1000


@dataclass(frozen=True)
class _Waiting:
    """An event of a transaction that is not committed yet."""

    fields: dict[str, Any]
    within: SessionTransaction | None  # the savepoint that may still take it back


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note, in the caller's transaction, what `actor` did to `subject`.

    The rows are written when the transaction commits, all at once: the chain's head is
    the last lock that a transaction takes, so writers wait for each other briefly and
    never in a ring.
    """
    fields = {
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        "before": plain(before),
        "after": plain(after),
    }
    waiting = session.info.setdefault(WAITING, [])
    waiting.append(_Waiting(fields, session.get_nested_transaction()))


def record_plain(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note as `record` does what was made plain before (`chain.plain`): many rows cost less."""
    fields = {
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
    }
    waiting = session.info.setdefault(WAITING, [])
    waiting.append(_Waiting(fields, session.get_nested_transaction()))


def history(session: Session, subject: str, limit: int = 50) -> Sequence[AuditRecord]:
    """Return what was done to `subject`, newest first, also in this transaction."""
    _seal(session)
    return session.scalars(
        select(AuditRecord)
        .where(AuditRecord.subject == subject)
        .order_by(AuditRecord.id.desc())
        .limit(limit)
    ).all()


@event.listens_for(Session, "before_commit")
def _seal_at_the_end(session: Session) -> None:
    if not session.in_nested_transaction():
        _seal(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    waiting: list[_Waiting] = session.info.get(WAITING, [])
    undone = ended
    while undone.parent is not None and not undone.nested:  # a flush that failed
        undone = undone.parent
    if undone.nested:
        session.info[WAITING] = [one for one in waiting if one.within is not undone]
    else:
        waiting.clear()


def _seal(session: Session) -> None:
    """Write the events that wait: the head's row is locked until the caller commits."""
    waiting: list[_Waiting] = session.info.pop(WAITING, [])
    if not waiting:
        return
    last, previous = session.execute(
        update(AuditHead)
        .values(last=AuditHead.last + len(waiting))
        .returning(AuditHead.last, AuditHead.hash)
    ).one()
    instant = clock.now()  # under the lock: times follow the order of the rows
    rows = []
    for number, one in enumerate(waiting, start=last - len(waiting) + 1):
        row = one.fields | {"id": number, "at": instant, "previous": previous}
        previous = row["hash"] = digest(row, previous)
        rows.append(row)
    for start in range(0, len(rows), PORTION):
        session.execute(insert(AuditRecord), rows[start : start + PORTION])
    session.execute(update(AuditHead).values(hash=previous))
