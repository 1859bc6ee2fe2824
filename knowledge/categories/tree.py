"""The tree of categories, read whole: it is small."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category


@dataclass(frozen=True)
class Node:
    """A category in the tree; `depth` counts from 0, `path` holds the names from the top.

    `review_months` is its own, or that of the nearest category above it that has one.
    """

    category: Category
    depth: int
    path: tuple[str, ...]
    review_months: int | None


class Tree:
    """All categories, each after the one above it."""

    def __init__(self, session: Session, *, lock: bool = False) -> None:
        """Read it; with `lock` nobody else changes the tree until the transaction ends."""
        query = select(Category).order_by(Category.position, Category.id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        self.by_id = {one.id: one for one in session.scalars(query)}
        self._below: dict[int | None, list[Category]] = defaultdict(list)
        for one in self.by_id.values():
            self._below[one.parent_id].append(one)

    def nodes(self, top: int | None = None) -> Iterator[Node]:
        """Yield the categories below `top` (None: all) in tree order."""
        yield from self._walk(top, 0, (), None)

    def below(self, category_id: int) -> set[int]:
        """Return the ids of the category and all below it."""
        return {category_id, *(node.category.id for node in self.nodes(category_id))}

    def is_leaf(self, category_id: int) -> bool:
        """Tell whether nothing is below the category."""
        return not self._below[category_id]

    def _walk(
        self, top: int | None, depth: int, path: tuple[str, ...], months: int | None
    ) -> Iterator[Node]:
        for one in self._below[top]:
            names, own = (*path, one.name), one.review_months or months
            yield Node(one, depth, names, own)
            yield from self._walk(one.id, depth + 1, names, own)


def review_months(session: Session) -> dict[int, int | None]:
    """Return every category's review period in months, inherited where it has none of its own."""
    return {node.category.id: node.review_months for node in Tree(session).nodes()}
