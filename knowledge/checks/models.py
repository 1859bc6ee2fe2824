"""What is kept of the checks: the staff's lists, the frozen questions, what was found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class CheckList(Base):
    """A list that managers keep as text, one item a line; without a row the shipped one counts."""

    __tablename__ = "check_lists"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    lock_version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(64))

    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012 - SQLAlchemy's own protocol


class FrozenQuestion(Base):
    """A question that every publication is tried on; codes of the entries that answer it.

    `form` is what makes two of them the same. None expected: the base should not answer.
    """

    __tablename__ = "frozen_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    expected: Mapped[list[str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(100))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(String(64))


class VersionCheck(Base):
    """What was found in a version: `digest` tells which wording, `revision` at which base.

    A manager may let it pass nevertheless (`override_reason`); that holds for this wording.
    """

    __tablename__ = "version_checks"

    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    lists: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_name: Mapped[str] = mapped_column(String(64))
    blocked: Mapped[bool]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    override_reason: Mapped[str | None] = mapped_column(Text)
    override_by: Mapped[str | None] = mapped_column(String(64))
    override_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
