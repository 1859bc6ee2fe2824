"""Corrections: somebody who read an entry says that it is not right."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base, UtcDateTime
from knowledge.entries.models import Entry, EntryVersion


class Correction(Base):
    """One person's report on one version; personal data in its text was replaced.

    The reporter is a member of staff (`reporter_id`) or a citizen (`conversation_id`).
    `open_for` names the reporter while the correction is open and is empty afterwards, so
    that one person has one open correction on a version.
    """

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    reporter_name: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    open_for: Mapped[str | None] = mapped_column(String(48))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    mended_by_id: Mapped[int | None] = mapped_column(ForeignKey("entry_versions.id"))
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))

    entry: Mapped[Entry] = relationship()
    version: Mapped[EntryVersion] = relationship(foreign_keys=[version_id])
    mended_by: Mapped[EntryVersion | None] = relationship(foreign_keys=[mended_by_id])

    __table_args__ = (
        Index("ix_corrections_state", "state", "due_at"),
        Index("uq_corrections_open", "version_id", "open_for", unique=True),
    )
