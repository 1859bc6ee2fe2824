"""The pending version of an entry: where it stands, who wrote on it, what was noted on it."""

from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from knowledge import clock
from knowledge.entries.content import window
from knowledge.entries.lifecycle import Standing, Step
from knowledge.entries.models import Entry, EntryVersion, VersionAuthor, VersionNote
from knowledge.people.actor import Actor


def standing(entry: Entry) -> Standing:
    """Return where an entry stands at this instant."""
    draft, published = entry.draft, entry.published
    shown = draft or published
    return Standing(
        department_id=entry.department_id,
        category_id=shown.category_id if shown else None,
        step=step_of(draft),
        served=published is not None,
        expired=published is not None and is_expired(published),
        archived=entry.archived_at is not None,
        author_ids=frozenset(one.user_id for one in draft.authors) if draft else frozenset(),
    )


def step_of(draft: EntryVersion | None) -> Step | None:
    """Return the step of a pending version."""
    return Step(draft.step or Step.WRITING) if draft is not None else None


def is_expired(version: EntryVersion, instant: datetime | None = None) -> bool:
    """Tell whether the version's last day is over at `instant` (now)."""
    end = window(version.valid_from, version.valid_until).end
    return end is not None and (instant or clock.now()) >= end


def place(version: EntryVersion, step: Step, due: datetime | None = None, notice: str = "") -> None:
    """Put a pending version to a step, from this instant on; a planned publication lapses."""
    version.step, version.step_since, version.step_due = step.value, clock.now(), due
    version.notice, version.publish_at, version.published_by = notice, None, None


def set_aside(version: EntryVersion) -> None:
    """Take a version off its way; its wording stays in the list of versions."""
    version.step = version.step_since = version.step_due = version.publish_at = None
    version.notice = ""


def sign(version: EntryVersion, actor: Actor) -> None:
    """Count `actor` among those who wrote on the version (the system is nobody)."""
    known = {one.user_id for one in version.authors}
    if actor.user_id is not None and actor.user_id not in known:
        version.authors.append(VersionAuthor(user_id=actor.user_id))


def note(session: Session, actor: Actor, version: EntryVersion, kind: str, text: str = "") -> None:
    """Add what happened, or a comment, to what was noted on the version."""
    session.add(
        VersionNote(
            version_id=version.id,
            kind=kind,
            at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            text=text,
        )
    )


def touch(entry: Entry) -> None:
    """Let `lock_version` grow with the next flush, even where the clock stands still."""
    entry.updated_at = clock.now()
    flag_modified(entry, "updated_at")
