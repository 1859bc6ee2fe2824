"""Entries, their versions and the phrasings of each version."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.categories.models import Category
from knowledge.database import Base, UtcDateTime
from knowledge.departments.models import Department


class Entry(Base):
    """One question and its answer, owned by a department.

    `published_version_id` is what citizens get, `draft_version_id` what is being
    written; an edit of a published entry leaves the published version alone.
    `lock_version` grows with each change: who saves an older one is told.
    `reviewed_at` is when its truth was last confirmed (by publishing or by re-review).
    """

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    published_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("entry_versions.id", use_alter=True)
    )
    draft_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("entry_versions.id", use_alter=True)
    )
    featured: Mapped[bool] = mapped_column(default=False)
    lock_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    department: Mapped[Department] = relationship()
    published: Mapped["EntryVersion | None"] = relationship(foreign_keys=[published_version_id])
    draft: Mapped["EntryVersion | None"] = relationship(foreign_keys=[draft_version_id])

    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012 - SQLAlchemy's own protocol


class EntryVersion(Base):
    """One wording of an entry; once published its wording never changes.

    While it is an entry's draft, `step` says where it stands on its way to
    publication, since when and until when; `notice` what its author must know
    (why it was returned). It was served from `published_at` until `retired_at`.
    """

    __tablename__ = "entry_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    number: Mapped[int]
    standard_question: Mapped[str] = mapped_column(String(128))
    answer: Mapped[str] = mapped_column(Text)
    spoken_answer: Mapped[str] = mapped_column(Text)
    issuing_body: Mapped[str] = mapped_column(String(128))
    legal_basis: Mapped[str] = mapped_column(String(255))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
    region: Mapped[str] = mapped_column(String(64))
    audience: Mapped[list[str]] = mapped_column(JSON)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    materials: Mapped[list[str]] = mapped_column(JSON, default=list)
    steps: Mapped[list[str]] = mapped_column(JSON, default=list)
    fees: Mapped[str] = mapped_column(Text, default="")
    time_limit: Mapped[str] = mapped_column(Text, default="")
    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    author_name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    step: Mapped[str | None] = mapped_column(String(16), index=True)
    step_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    step_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    submitter_id: Mapped[int | None]
    submitter_name: Mapped[str | None] = mapped_column(String(64))
    notice: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(String(64))
    emergency: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    category: Mapped[Category] = relationship()
    phrasings: Mapped[list["Phrasing"]] = relationship(
        order_by="Phrasing.position", cascade="all, delete-orphan"
    )
    authors: Mapped[list["VersionAuthor"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (Index("uq_entry_versions_entry_number", "entry_id", "number", unique=True),)


class Phrasing(Base):
    """A way to ask for an entry (similar), or one that must not lead to it (negative)."""

    __tablename__ = "phrasings"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"), index=True)
    position: Mapped[int]
    negative: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(String(200))


class VersionAuthor(Base):
    """A member of staff who wrote on a version or submitted it: may not review it."""

    __tablename__ = "version_authors"

    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, index=True)


class VersionNote(Base):
    """A step of a version on its way, or a comment on it; rows are only ever added."""

    __tablename__ = "version_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("entry_versions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


# What a state is told by: counted from the index alone.
STATE = ("served", "withdrawn", "step", "valid_until", "valid_from")


class EntryListing(Base):
    """What lists show of an entry and find it by, in one row: see `knowledge.entries.listing`.

    `question`, `category_id`, `shown_until` are of the newest version, `valid_from` and
    `valid_until` of the one in service; `holder` wrote the pending one, `noticed` tells that
    there is something its author must know.
    """

    __tablename__ = "entry_listing"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    code: Mapped[str] = mapped_column(String(64))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    question: Mapped[str] = mapped_column(String(128))
    draft_id: Mapped[int | None]
    step: Mapped[str | None] = mapped_column(String(16))
    step_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    noticed: Mapped[bool]
    holder: Mapped[str] = mapped_column(String(64))
    served: Mapped[bool]
    withdrawn: Mapped[bool]
    archived: Mapped[bool]
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    shown_until: Mapped[date | None] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    # Each begins with what is asked for and ends with the order: a page is read, not sorted.
    __table_args__ = (
        Index("ix_entry_listing_all", "archived", "updated_at"),
        Index("ix_entry_listing_department", "department_id", "archived", "updated_at"),
        Index("ix_entry_listing_category", "category_id", "archived", "updated_at"),
        Index("ix_entry_listing_step", "step", "archived", "updated_at"),
        Index("ix_entry_listing_question", "archived", "question"),
        Index("ix_entry_listing_until", "archived", "shown_until"),
        Index("ix_entry_listing_state", "archived", *STATE),
    )


class EntryText(Base):
    """All that full-text search looks into, as `knowledge.entries.grams` cuts it."""

    __tablename__ = "entry_texts"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    grams: Mapped[str] = mapped_column(Text)
