"""Pages of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list that has `total`; pages are numbered from 1."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return pages_of(self.total, self.size)


def pages_of(total: int, size: int) -> int:
    """Return how many pages `total` rows take, at least one."""
    return max(1, -(-total // size))


def existing(number: int, total: int, size: int) -> int:
    """Return the page nearest to `number` that there is."""
    return min(max(1, number), pages_of(total, size))
