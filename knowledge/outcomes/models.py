"""What became of a question after the search."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class Outcome(Base):
    """How one question ended, where it did not simply get its answer.

    `text` is the question itself, also where the citizen's last message was only “2” or
    “转人工”. `entry_id` is what was chosen from the entries `offered`. `asker` tells the
    conversations of one day apart, for counting, and nobody from it.
    """

    __tablename__ = "query_outcomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str] = mapped_column(Text)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)
    offered: Mapped[list[int]] = mapped_column(JSON)
    query_id: Mapped[int | None] = mapped_column(ForeignKey("queries.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), index=True
    )
    asker: Mapped[str] = mapped_column(String(16))
