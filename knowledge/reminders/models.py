"""The daily reminder by e-mail: one row for each person and day."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base, UtcDateTime
from knowledge.people.models import User


class Reminder(Base):
    """One person's mail of one day (Asia/Shanghai), and what became of it.

    Who sends it puts `next_at` into the future first: nobody else takes it until then.
    `problem` never holds an address.
    """

    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship()

    __table_args__ = (
        Index("uq_reminders_user_day", "user_id", "day", unique=True),
        Index("ix_reminders_state", "state", "next_at"),
    )
