"""The lexicon: groups of terms that mean the same, and custom words."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base, UtcDateTime

TERM_LENGTH = 30
FORM_LENGTH = 60  # ㎡ is m2: a form may be longer than what was typed


class Kind(StrEnum):
    """What an item says of its terms: they mean the same, or it is one word to keep whole."""

    GROUP = "group"
    WORD = "word"


class LexiconHead(Base):
    """A single row: how often the lexicon was changed. 0: nothing was ever put in."""

    __tablename__ = "lexicon_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]


class LexiconItem(Base):
    """A group (its standard term first), or a custom word (its only term)."""

    __tablename__ = "lexicon_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), index=True)
    lock_version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(64))

    terms: Mapped[list["LexiconTerm"]] = relationship(
        order_by="LexiconTerm.position", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def texts(self) -> tuple[str, ...]:
        """The terms as they were typed."""
        return tuple(term.text for term in self.terms)


class LexiconTerm(Base):
    """A term; `form` is what it is compared by, and stands only once in its kind."""

    __tablename__ = "lexicon_terms"
    __table_args__ = (UniqueConstraint("kind", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("lexicon_items.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(TERM_LENGTH))
    form: Mapped[str] = mapped_column(String(FORM_LENGTH))
