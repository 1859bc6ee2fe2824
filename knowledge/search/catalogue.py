"""What each searching process knows of the published entries besides the index."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.entries.content import Window, window
from knowledge.entries.models import Entry, EntryVersion


@dataclass(frozen=True)
class Listing:
    """A published entry in short, and when it may be served."""

    code: str
    question: str
    window: Window


def listings(session: Session, entry_ids: Iterable[int] | None = None) -> dict[int, Listing]:
    """Return the published entries (all, or those of `entry_ids`) by id."""
    query = select(
        Entry.id,
        Entry.code,
        EntryVersion.standard_question,
        EntryVersion.valid_from,
        EntryVersion.valid_until,
    ).join(EntryVersion, EntryVersion.id == Entry.published_version_id)
    if entry_ids is not None:
        query = query.where(Entry.id.in_(list(entry_ids)))
    return {
        row.id: Listing(row.code, row.standard_question, window(row.valid_from, row.valid_until))
        for row in session.execute(query)
    }


class Catalogue:
    """The listings of all published entries, kept up by the follower.

    Single reads and writes of a dict are atomic, so searches need no lock.
    """

    def __init__(self) -> None:
        self._listings: dict[int, Listing] = {}

    def replace(self, listed: dict[int, Listing]) -> None:
        """Start over with `listed`."""
        self._listings = dict(listed)

    def update(self, listed: dict[int, Listing]) -> None:
        """Add or renew entries."""
        self._listings.update(listed)

    def drop(self, entry_ids: Iterable[int]) -> None:
        """Forget entries that are published no more."""
        for entry_id in entry_ids:
            self._listings.pop(entry_id, None)

    def get(self, entry_id: int) -> Listing | None:
        """Return the listing of a published entry."""
        return self._listings.get(entry_id)

    def ids(self) -> dict[str, int]:
        """Return the ids of the published entries by their codes."""
        return {listing.code: entry_id for entry_id, listing in list(self._listings.items())}

    def in_service(self, entry_id: int) -> bool:
        """Tell whether the entry is published and valid at this instant."""
        listing = self._listings.get(entry_id)
        return listing is not None and listing.window.holds(clock.now())

    def __len__(self) -> int:
        return len(self._listings)
