"""Loads the seed files into a base; what is there already is never overwritten."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.models import Department
from knowledge.departments.service import add_department, successor
from knowledge.entries.batch import Beginning, create_all, publish_all
from knowledge.entries.content import checked
from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.people.actor import Actor
from knowledge.seed.format import SeedDepartment, SeedEntry
from knowledge.seed.reading import DATA, Seed, read


@dataclass(frozen=True)
class Report:
    """What became of the entries in the files, counted.

    `unchanged` ones serve what the file says; `kept` ones were edited or withdrawn by
    their department, or serve an older wording than the file's.
    """

    added: int
    unchanged: int
    kept: int


def load(database: Database, actor: Actor, folder: Path = DATA) -> Report:
    """Add departments, categories and entries that the base lacks, in one transaction.

    An entry is known by its code: once it is there it belongs to its department,
    edited or withdrawn as that sees fit.

    Raises:
        SeedError: a file is wrong; nothing was written.
        NotAllowedError: the actor may not edit the entries of every department.
    """
    seed = read(folder)
    with database.write() as session:
        known = set(session.scalars(select(Entry.code)))
        fresh = [entry for entry in seed.entries if entry.code not in known]
        there = [entry for entry in seed.entries if entry.code in known]
        owners, leaves = _frame(session, seed, {entry.category for entry in fresh})
        unchanged = sum(_serves(session, entry, leaves.get(entry.category)) for entry in there)
        wanted = [
            Beginning(
                owners[entry.department],
                entry.content(leaves[entry.category]),
                entry.code,
                entry.featured,
            )
            for entry in fresh
        ]
        publish_all(session, actor, create_all(session, actor, wanted))
    return Report(added=len(fresh), unchanged=unchanged, kept=len(there) - unchanged)


def _frame(session: Session, seed: Seed, needed: set[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Add what departments and `needed` categories are missing; return the ids by code.

    Other categories are left as they are: staff may have merged or deleted them.
    """
    owners = {department.code: _owner(session, department) for department in seed.departments}
    leaves = {one.code: one.id for one in session.scalars(select(Category))}
    for category in seed.categories:
        wanted = {code: name for code, name in category.leaves.items() if code in needed}
        if wanted:
            add_category(session, code=category.code, name=category.name)
        for code, name in wanted.items():
            leaves[code] = add_category(session, code=code, name=name, parent=category.code).id
    return owners, leaves


def _owner(session: Session, department: SeedDepartment) -> int:
    """Return the id of the department, or of the one that it was merged into.

    Staff may have added it under a code of their own.
    """
    named = session.scalar(select(Department).where(Department.name == department.name))
    return successor(session, named or add_department(session, **department.model_dump())).id


def _serves(session: Session, entry: SeedEntry, category_id: int | None) -> bool:
    """Tell whether the base serves just what the file says, with no draft that waits."""
    there = entry_coded(session, entry.code)
    if there.published is None or there.draft is not None or category_id is None:
        return False
    return content_of(there.published) == checked(entry.content(category_id))
