"""Write the audit log."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.people.actor import Actor


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note, in the caller's transaction, what `actor` did to `subject`."""
    session.add(
        AuditRecord(
            at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            address=actor.address,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )
    )


def history(session: Session, subject: str, limit: int = 50) -> Sequence[AuditRecord]:
    """Return what was done to `subject`, newest first."""
    return session.scalars(
        select(AuditRecord)
        .where(AuditRecord.subject == subject)
        .order_by(AuditRecord.id.desc())
        .limit(limit)
    ).all()
