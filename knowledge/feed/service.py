"""Write and read the change feed."""

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


def record_change(session: Session, entry_id: int) -> int:
    """Note, in the caller's transaction, that what `entry_id` serves changed.

    The update locks the head's row until the caller commits, so revisions are
    handed out in the order of the commits and a follower can skip none.
    """
    revision = session.scalars(
        update(FeedHead).values(revision=FeedHead.revision + 1).returning(FeedHead.revision)
    ).one()
    session.add(Change(revision=revision, entry_id=entry_id, at=clock.now()))
    return revision


def head(session: Session) -> Head:
    """Return the newest revision."""
    row = session.execute(select(FeedHead.revision, FeedHead.base_id)).one()
    return Head(row.revision, row.base_id)


def changed_since(session: Session, revision: int) -> list[int]:
    """Return the ids of the entries that changed after `revision`."""
    return list(
        session.scalars(select(Change.entry_id).where(Change.revision > revision).distinct())
    )
