"""Evaluations that were run, kept to be compared."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class Evaluation(Base):
    """One evaluation: of the published base, or of a file's (then `revision` is None).

    `slot` is 1 while it runs in a web process and unique, so that only one runs at once;
    `seen_at` is when that process last said so. `results` are loaded only when asked for.
    """

    __tablename__ = "evaluations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str] = mapped_column(String(100))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int | None]
    models: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    slot: Mapped[int | None] = mapped_column(unique=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
    notices: Mapped[list[str]] = mapped_column(JSON)
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    results: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON(none_as_null=True), deferred=True
    )

    __table_args__ = ({"sqlite_autoincrement": True},)  # a number in a report stays this run's
