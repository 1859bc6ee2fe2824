"""What an import would do, row by row."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.entries.content import EntryContent
from knowledge.exchange.sheet import Wrong


class Change(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Step:
    """A row that can be taken, and what to do for it.

    `saves`: write the content as the draft; `publishes`: serve the draft;
    `featured`: None leaves it as it is. `seen` is the entry's `lock_version` and `before`
    what it said when the row was compared with it.
    """

    row: int
    change: Change
    department_id: int
    content: EntryContent
    code: str | None = None
    entry_id: int | None = None
    saves: bool = False
    publishes: bool = False
    featured: bool | None = None
    seen: int = 0
    before: EntryContent | None = None


@dataclass(frozen=True)
class Plan:
    """All rows of a file: those that can be taken, and what is wrong with the others."""

    steps: tuple[Step, ...]
    wrong: tuple[Wrong, ...]

    def count(self, change: Change) -> int:
        """Return how many rows would do this."""
        return sum(step.change is change for step in self.steps)

    def count_new(self) -> int:
        """Return how many rows would add an entry."""
        return self.count(Change.NEW)
