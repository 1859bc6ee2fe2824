"""Marks on entries in service that are to be looked at again (待复核)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base, UtcDateTime
from knowledge.entries.models import Entry


class Rereview(Base):
    """Why an entry is to be looked at again, said of the version in service at that time.

    Nothing ends a mark by hand: it counts while that version serves and nobody has
    confirmed it since (`knowledge.rereviews.service.standing`).
    """

    __tablename__ = "rereviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"))
    reason: Mapped[str] = mapped_column(String(200))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    marked_by: Mapped[str] = mapped_column(String(64))

    entry: Mapped[Entry] = relationship()
