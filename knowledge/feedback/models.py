"""What citizens thought of an answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class Feedback(Base):
    """“Useful” or not, for one message and the version that it showed."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), unique=True
    )
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"))
    useful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
