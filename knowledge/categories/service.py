"""The category tree: paths such as “线上帮办/电话咨询”, and its leaves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category
from knowledge.categories.tree import Tree
from knowledge.errors import NotFoundError

SEPARATOR = "/"


def add_category(session: Session, *, code: str, name: str, parent: str | None = None) -> Category:
    """Add a category, or return the one that has this code already."""
    existing = session.scalar(select(Category).where(Category.code == code))
    if existing is not None:
        return existing
    parent_id = None
    if parent:
        parent_id = session.scalars(select(Category.id).where(Category.code == parent)).one()
    category = Category(code=code, name=name, parent_id=parent_id)
    session.add(category)
    session.flush()
    return category


def leaf_paths(session: Session) -> dict[int, str]:
    """Return each leaf's id and its path of names, in tree order."""
    nodes = list(Tree(session).nodes())
    inner = {node.category.parent_id for node in nodes}
    return {
        node.category.id: SEPARATOR.join(node.path)
        for node in nodes
        if node.category.id not in inner
    }


def leaf_codes(session: Session) -> dict[int, str]:
    """Return each leaf's id and its code, in tree order."""
    held = {one.id: one.code for one in session.scalars(select(Category))}
    return {leaf: held[leaf] for leaf in leaf_paths(session)}


def leaf_named(session: Session, key: str) -> int:
    """Return the id of the leaf whose code, path or name is `key`.

    Raises:
        NotFoundError: no such leaf, or a name that several leaves bear.
    """
    paths = leaf_paths(session)
    by_code = session.scalar(select(Category.id).where(Category.code == key))
    if by_code in paths:
        return by_code
    wanted = key.strip().strip(SEPARATOR)
    found = [
        leaf
        for leaf, path in paths.items()
        if wanted in (path, path.rsplit(SEPARATOR, maxsplit=1)[-1])
    ]
    if len(found) == 1:
        return found[0]
    listed = "、".join(list(paths.values())[:12]) or "（无）"
    reason = "有多个同名分类，请写完整路径" if found else "没有这个分类（只能填末级分类）"
    raise NotFoundError(f"“{key}”：{reason}；可用的例如：{listed}")
