"""Versions of an entry: what they say, and how they are filled."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.entries.content import EntryContent
from knowledge.entries.lifecycle import Step
from knowledge.entries.models import EntryVersion, Phrasing
from knowledge.entries.pending import place
from knowledge.people.actor import Actor

PORTION = 500


def content_of(version: EntryVersion) -> EntryContent:
    """Return what a version says."""
    return EntryContent(
        standard_question=version.standard_question,
        answer=version.answer,
        category_id=version.category_id,
        similar_questions=tuple(p.text for p in version.phrasings if not p.negative),
        negative_questions=tuple(p.text for p in version.phrasings if p.negative),
        spoken_answer=version.spoken_answer,
        issuing_body=version.issuing_body,
        legal_basis=version.legal_basis,
        region=version.region,
        audience=tuple(version.audience),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        materials=tuple(version.materials),
        steps=tuple(version.steps),
        fees=version.fees,
        time_limit=version.time_limit,
        places=tuple(version.places),
        keywords=tuple(version.keywords),
    )


def summary(content: EntryContent) -> dict[str, Any]:
    """Return `content` as JSON for the audit log."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in vars(content).items()
    }


def newest_numbers(session: Session, entry_ids: Collection[int]) -> dict[int, int]:
    """Return the number of each entry's newest version; one without any is not in it."""
    found: dict[int, int] = {}
    wanted = list(entry_ids)
    for start in range(0, len(wanted), PORTION):
        query = (
            select(EntryVersion.entry_id, func.max(EntryVersion.number))
            .where(EntryVersion.entry_id.in_(wanted[start : start + PORTION]))
            .group_by(EntryVersion.entry_id)
        )
        found |= dict(session.execute(query).all())
    return found


def new_version(actor: Actor, entry_id: int, number: int, content: EntryContent) -> EntryVersion:
    """Return a version that says `content`; it is not in a session yet."""
    version = EntryVersion(entry_id=entry_id, number=number)
    fill(version, actor, content)
    place(version, Step.WRITING)
    return version


def fill(version: EntryVersion, actor: Actor, content: EntryContent) -> None:
    """Let a version say `content`."""
    for name in (
        "standard_question",
        "answer",
        "spoken_answer",
        "issuing_body",
        "legal_basis",
        "category_id",
        "region",
        "valid_from",
        "valid_until",
        "fees",
        "time_limit",
    ):
        setattr(version, name, getattr(content, name))
    for name in ("audience", "materials", "steps", "places", "keywords"):
        setattr(version, name, list(getattr(content, name)))
    version.author_name = actor.name
    version.created_at = clock.now()
    texts = [(text, False) for text in content.similar_questions]
    texts += [(text, True) for text in content.negative_questions]
    version.phrasings = [
        Phrasing(position=position, text=text, negative=negative)
        for position, (text, negative) in enumerate(texts)
    ]
