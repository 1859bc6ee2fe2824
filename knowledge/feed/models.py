"""The change feed: one row per change of what is served, in order."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class FeedHead(Base):
    """A single row: the newest revision, and which base this is."""

    __tablename__ = "feed_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
    base_id: Mapped[str] = mapped_column(String(32))


class Change(Base):
    """An entry was published, edited or withdrawn at this revision."""

    __tablename__ = "changes"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
