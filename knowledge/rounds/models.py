"""Review rounds (定期梳理): departments go through their entries by a date."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base, UtcDateTime
from knowledge.entries.models import Entry, EntryVersion


class Round(Base):
    """A round that a manager opened; `scope` says in words what it covers.

    `due_on` is the last day (Asia/Shanghai), which counts whole.
    """

    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    closed_by: Mapped[str | None] = mapped_column(String(64))


class RoundItem(Base):
    """An entry that was in service when the round was opened, with the version it had.

    While the round is open, what was done is read from the entry itself; closing the
    round writes `outcome` down, and the department that had the entry then.
    """

    __tablename__ = "round_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    outcome: Mapped[str | None] = mapped_column(String(16))

    entry: Mapped[Entry] = relationship()
    version: Mapped[EntryVersion] = relationship()

    __table_args__ = (Index("uq_round_items_entry", "round_id", "entry_id", unique=True),)
