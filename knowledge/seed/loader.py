"""Loads the seed files into a base; what is there already is never overwritten."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.service import add_category, leaf_named
from knowledge.database import Database
from knowledge.departments.service import add_department, department_named
from knowledge.entries.content import EntryContent
from knowledge.entries.models import Entry
from knowledge.entries.service import create, publish
from knowledge.errors import ContentError
from knowledge.people.actor import Actor
from knowledge.seed.format import DATA, Seed, SeedEntry, SeedError, read


@dataclass(frozen=True)
class Report:
    """How many entries were added, and how many were there before."""

    added: int
    unchanged: int


def load(database: Database, actor: Actor, folder: Path = DATA) -> Report:
    """Add departments, categories and entries that the base lacks, in one transaction.

    An entry is known by its code: once it is there it belongs to its department,
    edited or withdrawn as that sees fit.

    Raises:
        SeedError: a file is wrong; nothing was written.
    """
    seed = read(folder)
    with database.write() as session:
        _add_frame(session, seed)
        known = set(session.scalars(select(Entry.code)))
        fresh = [entry for entry in seed.entries if entry.code not in known]
        for entry in fresh:
            _add(session, actor, entry)
    return Report(added=len(fresh), unchanged=len(seed.entries) - len(fresh))


def content_of(entry: SeedEntry, category_id: int) -> EntryContent:
    """Return what a seed entry says."""
    return EntryContent(
        standard_question=entry.question,
        answer=entry.answer,
        category_id=category_id,
        similar_questions=tuple(entry.similar),
        negative_questions=tuple(entry.negative),
        spoken_answer=entry.spoken,
        issuing_body=entry.issuing_body,
        legal_basis=entry.basis,
        region=entry.region,
        audience=tuple(entry.audience),
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
    )


def _add_frame(session: Session, seed: Seed) -> None:
    for department in seed.departments:
        add_department(session, **department.model_dump())
    for category in seed.categories:
        add_category(session, code=category.code, name=category.name)
        for code, name in category.leaves.items():
            add_category(session, code=code, name=name, parent=category.code)


def _add(session: Session, actor: Actor, entry: SeedEntry) -> None:
    try:
        content = content_of(entry, leaf_named(session, entry.category))
        owner = department_named(session, entry.department)
        added = create(session, actor, owner.id, content, code=entry.code, featured=entry.featured)
    except ContentError as error:
        raise SeedError(f"条目 {entry.code}：{error}") from error
    publish(session, actor, added, added.lock_version)
