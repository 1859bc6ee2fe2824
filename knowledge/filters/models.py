"""Filters of the list of entries that people keep under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class SavedFilter(Base):
    """What a person looks for again and again; the `first` one opens with the list.

    `wanted` is what stands in the address line, without the page.
    """

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(30))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    first: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("uq_saved_filters_name", "user_id", "name", unique=True),)
