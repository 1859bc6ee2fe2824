"""Files that staff sent to be imported, and what a check found in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class ImportJob(Base):
    """One file on its way: checked, then imported whole or not at all.

    `content` is the file, kept until it is imported or forgotten. `holder` is the process
    that works on it, `seen_at` when that last said so, `stage` what it does, `done` of `total`.
    `plan` is a hash of what the check found: the import does just that, or asks for a new check.
    """

    __tablename__ = "import_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    owner_name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    department: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(400))
    submits: Mapped[bool]
    partly: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), index=True)
    stage: Mapped[str] = mapped_column(String(16), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    plan: Mapped[str | None] = mapped_column(String(64))
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    notices: Mapped[list[str]] = mapped_column(JSON)
    problem: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = ({"sqlite_autoincrement": True},)


class ImportRow(Base):
    """A row of a checked file: what would become of it.

    `faults` are lists of cell, column, reason, mend; `changes` of field, old and new text.
    """

    __tablename__ = "import_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("import_jobs.id"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(String(128))
    department: Mapped[str] = mapped_column(String(64))
    faults: Mapped[list[Any]] = mapped_column(JSON)
    changes: Mapped[list[Any]] = mapped_column(JSON)

    __table_args__ = (Index("ix_import_rows_job", "job_id", "outcome", "number"),)
