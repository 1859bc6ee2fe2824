"""Departments and categories by the names that a file uses for them."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category
from knowledge.categories.service import SEPARATOR, leaf_paths
from knowledge.departments.service import departments
from knowledge.exchange.errors import CellError

LISTED = 30


class Places:
    """All departments and leaf categories, read once."""

    def __init__(self, session: Session) -> None:
        """Read both from the base."""
        every = departments(session, closed=True)
        self.department_names = {department.id: department.name for department in every}
        # A file may still name a department by what it was called before it was merged.
        known = {one.id: one.merged_into_id or one.id for one in every}
        self._open = [one.name for one in every if one.active]
        self._closed = {one.name for one in every if not one.active and not one.merged_into_id}
        self._departments = {one.code: known[one.id] for one in every}
        self._departments |= {one.name: known[one.id] for one in every}
        self.paths = leaf_paths(session)
        codes = session.execute(select(Category.code, Category.id)).all()
        self._leaf_codes = {code: leaf for code, leaf in codes if leaf in self.paths}
        self._inner_names = _inner_names(self.paths.values())
        self._leaves: dict[str, set[int]] = {}
        for leaf, path in self.paths.items():
            for name in {path, path.rsplit(SEPARATOR, maxsplit=1)[-1]}:
                self._leaves.setdefault(name, set()).add(leaf)

    def department(self, key: str) -> int:
        """Return the id of the department with this name or code.

        Raises:
            CellError: names the departments that there are.
        """
        if key not in self._departments:
            names = _some(self._open)
            raise CellError(f"填的“{key[:40]}”没有这个部门", f"请改成现有的部门：{names}")
        found = self._departments[key]
        if self.department_names[found] in self._closed:
            names = _some(self._open)
            raise CellError(f"填的“{key[:40]}”已停用", f"请改成现有的部门：{names}")
        return found

    def category(self, key: str) -> int:
        """Return the id of the leaf with this code, path or (when unique) name.

        Raises:
            CellError: no leaf, or several that bear the name; names some that there are.
        """
        if key in self._leaf_codes:
            return self._leaf_codes[key]
        name = path_key(key)
        found = self._leaves.get(name, set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            paths = _some(path for leaf, path in self.paths.items() if leaf in found)
            raise CellError(f"填的“{key[:40]}”有多个同名分类", f"请写完整路径：{paths}")
        why = "不是末级分类" if name in self._inner_names else "没有这个分类"
        raise CellError(f"填的“{key[:40]}”{why}", f"请改成末级分类：{_some(self.paths.values())}")

    def knows_department(self, key: str) -> bool:
        """Tell whether there is such a department."""
        return key in self._departments

    def knows_category(self, key: str) -> bool:
        """Tell whether the key stands for a category, a leaf or not, perhaps for several."""
        name = path_key(key)
        return key in self._leaf_codes or name in self._leaves or name in self._inner_names


def path_key(key: str) -> str:
    """Return a path without blanks around its names (“ 甲 / 乙/ ” is “甲/乙”)."""
    return SEPARATOR.join(part.strip() for part in key.strip().strip(SEPARATOR).split(SEPARATOR))


def _inner_names(paths: Collection[str]) -> set[str]:
    """Return the names and paths of the categories above the leaves."""
    names: set[str] = set()
    for path in paths:
        parts = path.split(SEPARATOR)[:-1]
        names |= {*parts, *(SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts) + 1))}
    return names


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f"等 {len(every)} 个" if len(every) > LISTED else ""
    return "、".join(every[:LISTED]) + more or "（无）"
