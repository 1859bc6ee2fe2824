"""The tree of departments, read whole: it is small."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.departments.models import Department


@dataclass(frozen=True)
class Node:
    """A department in the tree; `depth` counts from 0, `path` holds the names from the top."""

    department: Department
    depth: int
    path: tuple[str, ...]


class Tree:
    """All departments, each after the one above it."""

    def __init__(self, session: Session, *, lock: bool = False) -> None:
        """Read it; with `lock` nobody else changes the tree until the transaction ends."""
        query = select(Department).order_by(Department.position, Department.id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        self.by_id = {one.id: one for one in session.scalars(query)}
        self._below: dict[int | None, list[Department]] = defaultdict(list)
        for one in self.by_id.values():
            self._below[one.parent_id].append(one)

    def nodes(self, top: int | None = None) -> Iterator[Node]:
        """Yield the departments below `top` (None: all) in tree order."""
        yield from self._walk(top, 0, ())

    def below(self, department_id: int) -> set[int]:
        """Return the ids of the department and all below it."""
        return {department_id, *(node.department.id for node in self.nodes(department_id))}

    def _walk(self, top: int | None, depth: int, path: tuple[str, ...]) -> Iterator[Node]:
        for one in self._below[top]:
            names = (*path, one.name)
            yield Node(one, depth, names)
            yield from self._walk(one.id, depth + 1, names)
