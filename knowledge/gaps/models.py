"""Knowledge gaps: what the base could not answer, grouped by meaning."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class Gap(Base):
    """A group of questions that mean the same, and what staff decided about it.

    `answered` of its `checked` questions lead to `entry_id` now, as of feed revision
    `checked_revision`. `lock_version` grows with what staff do, not with what citizens ask:
    while it is 1 nobody decided anything, and regrouping may take the group apart.
    """

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    suggested_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    suggested_category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    suggested_for: Mapped[str] = mapped_column(Text, default="")
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    answered: Mapped[int] = mapped_column(default=0)
    checked: Mapped[int] = mapped_column(default=0)
    checked_revision: Mapped[int] = mapped_column(default=-1)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("gaps.id"))
    lock_version: Mapped[int] = mapped_column(default=1)


class GapQuestion(Base):
    """One question that was not answered; personal data was replaced before.

    `source` and `source_id` name the row it was taken from, so that none counts twice.
    """

    __tablename__ = "gap_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    gap_id: Mapped[int | None] = mapped_column(ForeignKey("gaps.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    channel: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(16))
    asker: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[int]

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_gap_questions_gap_id", "gap_id", "at"),
        Index("ix_gap_questions_asker", "asker"),
    )


class GapHead(Base):
    """A single row: how far the logs were read, and which process is grouping until when."""

    __tablename__ = "gap_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    queries_to: Mapped[int]
    outcomes_to: Mapped[int]
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    regroup: Mapped[bool]
    ran_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Dismissal(Base):
    """A citizen's question that is not to be suggested for an entry again."""

    __tablename__ = "phrasing_dismissals"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    form: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("entry_id", "form"),)
