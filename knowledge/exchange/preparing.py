"""What an import writes, made ready before the database is locked for it."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.chain import plain
from knowledge.categories.service import leaf_paths
from knowledge.entries.batch import ready_content, require_owner
from knowledge.entries.lifecycle import IN_REVIEW, Move, require
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import set_aside, sign, standing, step_of
from knowledge.entries.versions import content_of, fill, new_version, newest_numbers, summary
from knowledge.exchange.holdings import entries
from knowledge.exchange.plan import Change, Step
from knowledge.exchange.reading import Watch, watched
from knowledge.people.actor import Actor
from knowledge.review.many import hand_in

Fields = dict[str, Any]
Event = tuple[str, Fields | None, Fields | None]


@dataclass
class Fresh:
    """A version that is written, with its entry: both new, or read and in no session.

    `added`: the entry is new. `rewritten`: the version is the entry's draft that was there.
    `events` are the audit log's: action, before, after.
    """

    entry: Entry
    version: EntryVersion
    events: list[Event]
    added: bool = True
    rewritten: bool = False
    retires: int | None = None
    served: bool = False
    submitted: bool = False


@dataclass(frozen=True)
class Work:
    """All that an import writes.

    `fresh` and `revised` go in few statements; `others` are the rare steps that are taken one
    by one (a draft under review, one that is only submitted) on `held`, entries as they were read.
    """

    fresh: tuple[Fresh, ...]
    revised: tuple[Fresh, ...]
    others: tuple[Step, ...]
    held: dict[int, Entry] = field(default_factory=dict)
    due: datetime | None = None


def prepare(
    session: Session,
    actor: Actor,
    steps: Sequence[Step],
    due: datetime | None = None,
    watch: Watch | None = None,
) -> Work:
    """Make ready what `steps` write; `session` only reads, and is left empty.

    Args:
        due: until when the review of submitted rows is due.
        watch: called now and then with how many rows are ready.

    Raises:
        NotAllowedError: another department's row.
        ConflictError: an entry that cannot be changed.
        ContentError: the content breaks the rules.
    """
    leaves = leaf_paths(session)
    changed = {step.entry_id: step for step in steps if step.change is Change.CHANGED}
    held = entries(session, [number for number in changed if number is not None])
    numbers = newest_numbers(session, held)
    session.expunge_all()  # what is written on these from here on is not for this session
    fresh, revised, others = [], [], []
    for step in watched([one for one in steps if one.change is not Change.UNCHANGED], watch):
        entry = held.get(step.entry_id) if step.entry_id is not None else None
        if entry is None:
            fresh.append(_fresh(actor, step, leaves, due))
        elif step.saves and step_of(entry.draft) not in IN_REVIEW:
            revised.append(_revised(actor, step, entry, leaves, numbers.get(entry.id, 0), due))
        else:
            others.append(step)
    rest = {one.entry_id for one in others}
    left = {number: entry for number, entry in held.items() if number in rest}
    return Work(tuple(fresh), tuple(revised), tuple(others), left, due)


def _fresh(actor: Actor, step: Step, leaves: Container[int], due: datetime | None) -> Fresh:
    require_owner(actor, step.department_id, step.content.category_id)
    content = ready_content(step.content, leaves)
    instant = clock.now()
    entry = Entry(
        code=step.code or f"e-{token_hex(6)}",
        department_id=step.department_id,
        featured=bool(step.featured),
        created_at=instant,
        updated_at=instant,
    )
    version = new_version(actor, 0, 1, content)
    sign(version, actor)
    told = plain(summary(content)) or {}
    made = Fresh(entry, version, [("entry_created", None, told)])
    _send_on(actor, step, made, told, due)
    return made


def _revised(
    actor: Actor,
    step: Step,
    entry: Entry,
    leaves: Container[int],
    number: int,
    due: datetime | None,
) -> Fresh:
    """Save as `batch.save_all` does, on objects that no session holds."""
    if not actor.is_system:
        require(actor, Move.SAVE, standing(entry))
    require_owner(actor, entry.department_id, step.content.category_id)
    content = ready_content(step.content, leaves)
    version, current = entry.draft, entry.draft or entry.published
    before = plain(summary(content_of(current))) if current is not None else None
    if version is not None:
        fill(version, actor, content)
    else:
        version = new_version(actor, entry.id, number + 1, content)
    sign(version, actor)
    told = plain(summary(content)) or {}
    made = Fresh(entry, version, [("draft_saved", before, told)], added=False)
    made.rewritten = entry.draft is not None
    if step.featured is not None:
        was, now = {"featured": entry.featured}, {"featured": step.featured}
        made.events.insert(0, ("entry_featured", was, now))
        entry.featured = step.featured
    entry.updated_at = clock.now()
    _send_on(actor, step, made, told, due)
    return made


def _send_on(actor: Actor, step: Step, made: Fresh, told: Fields, due: datetime | None) -> None:
    """Serve the version where the system imports, or submit it where a person wants that."""
    if not step.publishes:
        return
    version, entry = made.version, made.entry
    if actor.is_system:
        before = {"version": entry.published.number} if entry.published else None
        made.retires = entry.published.id if entry.published else None
        set_aside(version)
        version.published_at = entry.reviewed_at = clock.now()
        version.published_by = version.published_by or actor.name
        entry.withdrawn_at = entry.archived_at = None
        made.events.append(("entry_published", before, told | {"version": version.number}))
        made.served = True
    elif due is not None:
        was: Fields = {"version": version.number, "step": version.step}
        before = None if made.added else was
        made.events.append(("version_submitted", before, hand_in(version, actor, due)))
        made.submitted = True
