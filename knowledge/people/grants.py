"""Grants: who holds which role, for which departments and categories."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from knowledge.categories.models import Category
from knowledge.departments.models import Department
from knowledge.errors import ContentError
from knowledge.people.actor import OF_DEPARTMENTS, ROLE_NAMES, Reach, Role
from knowledge.people.models import Grant

MOST = 30
FOR_ALL = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, order=True)
class Granting:
    """A role for a department and all below it (0: all), in a category and below it (0: all)."""

    role: Role
    department_id: int = 0
    category_id: int = 0

    def grant(self) -> Grant:
        """Return the row that says so."""
        return Grant(
            role=self.role.value,
            department_id=self.department_id or None,
            category_id=self.category_id or None,
        )


def granting_of(grant: Grant) -> Granting:
    """Return what a row says."""
    return Granting(Role(grant.role), grant.department_id or 0, grant.category_id or 0)


def usual(roles: Iterable[Role], department: Department | None) -> list[Granting]:
    """Return the roles with their usual reach: the department, or everywhere."""
    home = department.id if department else 0
    return [Granting(role, home if role in OF_DEPARTMENTS else 0) for role in sorted(set(roles))]


def problem_with(session: Session, wanted: Sequence[Granting]) -> str | None:
    """Return what is wrong with the grants that a person is to hold, or None."""
    if not wanted:
        return "至少要有一个角色：" + "、".join(ROLE_NAMES.values())
    if len(wanted) > MOST:
        return f"一个人最多 {MOST} 项授权，请授权给上级部门或上级分类"
    for one in wanted:
        told = _problem(session, one)
        if told is not None:
            return f"{ROLE_NAMES[one.role]}：{told}"
    return None


def checked(session: Session, wanted: Iterable[Granting]) -> list[Granting]:
    """Return the grants, each once.

    Raises:
        ContentError: there are none, or one of them cannot be.
    """
    tidy = sorted(set(wanted))
    problem = problem_with(session, tidy)
    if problem is not None:
        raise ContentError({"grants": problem})
    return tidy


def told(grants: Iterable[Grant]) -> list[str]:
    """Return the grants as the audit log keeps them: “editor@civil#welfare”."""
    return [
        grant.role
        + (f"@{grant.department.code}" if grant.department else "")
        + (f"#{grant.category.code}" if grant.category else "")
        for grant in grants
    ]


def reaches_of(session: Session, user_id: int) -> tuple[Reach, ...]:
    """Return a person's grants with their trees resolved: one query, or two with categories.

    A department that was closed is not reached by a grant for the one above it.
    """
    below = select(Grant.id, Grant.department_id.label("node")).where(Grant.user_id == user_id)
    tree = below.cte("below", recursive=True)
    child = aliased(Department)
    tree = tree.union(select(tree.c.id, child.id).join(child, child.parent_id == tree.c.node))
    rows = session.execute(
        select(Grant.id, Grant.role, Grant.department_id, Grant.category_id, Department.id)
        .join(tree, tree.c.id == Grant.id)
        .outerjoin(Department, (Department.id == tree.c.node) & Department.active)
        .order_by(Grant.id)
    ).all()
    departments: dict[int, set[int]] = defaultdict(set)
    grants = {}
    for grant_id, role, department_id, category_id, node in rows:
        grants[grant_id] = (Role(role), department_id, category_id)
        if node is not None:
            departments[grant_id].add(node)
    bound = [category for _, _, category in grants.values() if category is not None]
    categories = _categories_below(session, bound) if bound else {}
    return tuple(
        Reach(
            role,
            None if department_id is None else frozenset(departments[grant_id]),
            None if category_id is None else categories[category_id],
        )
        for grant_id, (role, department_id, category_id) in grants.items()
    )


def _categories_below(session: Session, roots: Iterable[int]) -> dict[int, frozenset[int]]:
    tree = select(Category.id.label("root"), Category.id.label("node"))
    below = tree.where(Category.id.in_(set(roots))).cte("categories_below", recursive=True)
    child = aliased(Category)
    below = below.union(select(below.c.root, child.id).join(child, child.parent_id == below.c.node))
    found: dict[int, set[int]] = defaultdict(set)
    for root, node in session.execute(select(below.c.root, below.c.node)):
        found[root].add(node)
    return {root: frozenset(nodes) for root, nodes in found.items()}


def _problem(session: Session, one: Granting) -> str | None:
    if one.role in OF_DEPARTMENTS and not one.department_id:
        return "必须写明一个部门"
    if one.role in FOR_ALL and (one.department_id or one.category_id):
        return "管的是整个热线，不能只给一个部门或分类"
    if one.department_id:
        department = session.get(Department, one.department_id)
        if department is None:
            return "没有这个部门，请重新选择"
        if not department.active:
            return f"“{department.name}”已停用，请换一个部门"
    if one.category_id and session.get(Category, one.category_id) is None:
        return "没有这个分类，请重新选择"
    return None
