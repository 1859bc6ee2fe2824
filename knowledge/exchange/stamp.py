"""Tells whether the base is still what a file was compared with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category
from knowledge.departments.models import Department
from knowledge.entries.models import Entry


@dataclass(frozen=True)
class Stamp:
    """The entries by number and changes (each adds one), the categories and departments whole."""

    entries: int
    changes: int
    places: tuple[Any, ...]


def stamp(session: Session) -> Stamp:
    """Return the stamp of this instant."""
    count, changes = session.execute(
        select(func.count(), func.coalesce(func.sum(Entry.lock_version), 0)).select_from(Entry)
    ).one()
    categories = select(Category.id, Category.parent_id, Category.name, Category.code)
    departments = select(
        Department.id, Department.name, Department.code, Department.active,
        Department.merged_into_id,
    )  # fmt: skip
    places = (
        *map(tuple, session.execute(categories.order_by(Category.id))),
        *map(tuple, session.execute(departments.order_by(Department.id))),
    )
    return Stamp(count, int(changes), places)
