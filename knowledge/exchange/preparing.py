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
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import set_aside, sign
from knowledge.entries.versions import new_version, summary
from knowledge.exchange.holdings import entries
from knowledge.exchange.plan import Change, Step
from knowledge.exchange.reading import Watch, watched
from knowledge.people.actor import Actor
from knowledge.review.many import hand_in

Fields = dict[str, Any]


@dataclass
class Fresh:
    """An entry that is to be, with its first version, in no session yet.

    `events` are the audit log's: action, and what it is afterwards.
    """

    entry: Entry
    version: EntryVersion
    events: list[tuple[str, Fields | None]]
    served: bool = False
    submitted: bool = False


@dataclass(frozen=True)
class Work:
    """All that an import writes; `held` are the entries that it changes, as they were read."""

    fresh: tuple[Fresh, ...]
    changed: tuple[Step, ...]
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
        watch: called now and then with how many new rows are ready.

    Raises:
        NotAllowedError: another department's row.
        ContentError: the content breaks the rules.
    """
    leaves = leaf_paths(session)
    added = [step for step in steps if step.change is Change.NEW]
    changed = tuple(step for step in steps if step.change is Change.CHANGED)
    fresh = tuple(_fresh(actor, step, leaves, due) for step in watched(added, watch))
    held = entries(session, [step.entry_id for step in changed if step.entry_id is not None])
    session.expunge_all()
    return Work(fresh, changed, held, due)


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
    made = Fresh(entry, version, [("entry_created", told)])
    if not step.publishes:
        return made
    if actor.is_system:
        set_aside(version)
        version.published_at, version.published_by = instant, actor.name
        entry.reviewed_at = instant
        made.events.append(("entry_published", told | {"version": 1}))
        made.served = True
    elif due is not None:
        made.events.append(("version_submitted", hand_in(version, actor, due)))
        made.submitted = True
    return made
