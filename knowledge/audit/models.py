"""The audit log: who changed what, when, from where; each row vouches for the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class AuditRecord(Base):
    """One event. Rows are only ever added: triggers refuse to change or delete one.

    `previous` is the hash of the row before, `hash` this row's own (`knowledge.audit.chain`).
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(128))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    # With the id, so that the newest rows of a person are found without sorting.
    __table_args__ = (
        Index("ix_audit_log_action", "action", "id"),
        Index("ix_audit_log_actor_name", "actor_name", "id"),
        Index("ix_audit_log_subject", "subject", "id"),
    )


class AuditHead(Base):
    """A single row: the id and the hash of the newest row of the log."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
