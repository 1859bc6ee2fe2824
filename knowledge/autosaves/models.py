"""What somebody was typing and has not saved."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class Autosave(Base):
    """The fields of one person's form for one entry (or a new one); nobody else sees it.

    `lock_version` is that of the entry on which the typing was based, 0 for a new one.
    """

    __tablename__ = "autosaves"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    lock_version: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
