"""Write and read the change feed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.feed.models import Change, FeedHead


@dataclass(frozen=True)
class Head:
    """The newest revision of the base `base_id`."""

    revision: int
    base_id: str


def record_changes(session: Session, entry_ids: Sequence[int]) -> int:
    """Note, in the caller's transaction, that what these entries serve changed.

    The update locks the head's row until the caller commits, so revisions are
    handed out in the order of the commits and a follower can skip none.

    Returns:
        The last entry's revision; with no entries the newest one.
    """
    count = len(entry_ids)
    newest = session.scalars(
        update(FeedHead).values(revision=FeedHead.revision + count).returning(FeedHead.revision)
    ).one()
    instant = clock.now()
    session.add_all(
        Change(revision=newest - count + number, entry_id=entry_id, at=instant)
        for number, entry_id in enumerate(entry_ids, start=1)
    )
    return newest


def head(session: Session) -> Head:
    """Return the newest revision."""
    row = session.execute(select(FeedHead.revision, FeedHead.base_id)).one()
    return Head(row.revision, row.base_id)


def changed_since(session: Session, revision: int) -> list[int]:
    """Return the ids of the entries that changed after `revision`."""
    return list(
        session.scalars(select(Change.entry_id).where(Change.revision > revision).distinct())
    )
