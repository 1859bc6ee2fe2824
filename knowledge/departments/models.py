"""Departments: who owns entries and answers for their truth."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base


class Kind(StrEnum):
    """What a department is in the tree."""

    DISTRICT = "district"
    BUREAU = "bureau"
    SECTION = "section"
    STREET = "street"
    COMMUNITY = "community"
    HOTLINE = "hotline"
    GROUP = "group"
    OTHER = "other"


KIND_NAMES = {
    Kind.DISTRICT: "区",
    Kind.BUREAU: "局（委办）",
    Kind.SECTION: "科室",
    Kind.STREET: "街道（镇）",
    Kind.COMMUNITY: "社区（村）",
    Kind.HOTLINE: "热线",
    Kind.GROUP: "分组",
    Kind.OTHER: "其他单位",
}


class Department(Base):
    """A body that owns entries; departments form a tree.

    One that is no longer `active` owns nothing. If it was merged, `merged_into_id`
    names the department that answers in its place, itself never merged.
    """

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    phone: Mapped[str | None] = mapped_column(String(32))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    lock_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012 - SQLAlchemy's own protocol
