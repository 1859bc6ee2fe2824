"""Adds the departments and categories that a file names and the base lacks."""

import secrets
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.categories.models import Category
from knowledge.categories.service import SEPARATOR, add_category
from knowledge.departments.service import add_department
from knowledge.errors import NotAllowedError
from knowledge.exchange.cells import line
from knowledge.exchange.errors import CellError
from knowledge.exchange.places import Places, path_key
from knowledge.exchange.sheet import Options, Sheet
from knowledge.people.actor import Actor, Right
from knowledge.privacy.hidden import CONTROLS

NAME_LENGTH = 64
DEPTH = 5


def add_missing(session: Session, actor: Actor, sheet: Sheet, options: Options) -> tuple[str, ...]:
    """Add what `options` allows, in the caller's transaction; return the names added.

    What cannot be added (a name too long, a path through a leaf) is left out, so that
    its rows are found wrong.

    Raises:
        NotAllowedError: the actor does not keep the categories.
    """
    if not (options.create_departments or options.create_categories):
        return ()
    if not actor.may(Right.MANAGE_CATEGORIES):
        raise NotAllowedError("您不能新建部门和分类，请改用现有的")
    places = Places(session)
    added: list[str] = []
    if options.create_departments:
        names = [name for name in _told(sheet, "department") if not places.knows_department(name)]
        added += _add_departments(session, actor, names)
    if options.create_categories:
        keys = [key for key in _told(sheet, "category") if not places.knows_category(key)]
        added += _add_categories(session, actor, keys)
    return tuple(added)


def _add_departments(session: Session, actor: Actor, names: Iterable[str]) -> list[str]:
    good = [name for name in names if _is_name(name)]
    for name in good:
        department = add_department(session, code=f"d-{secrets.token_hex(6)}", name=name)
        subject = f"department:{department.id}"
        record(session, actor, "department_created", subject, after={"name": name})
    return [f"部门“{name}”" for name in good]


def _add_categories(session: Session, actor: Actor, keys: Iterable[str]) -> list[str]:
    nodes = {node.id: node for node in session.scalars(select(Category))}
    inner = {node.parent_id for node in nodes.values()}
    closed = set(nodes) - inner  # leaves that were there before: entries may sit on them
    known = {(node.parent_id, node.name): node for node in nodes.values()}
    added = []
    for path in map(path_key, keys):
        names = path.split(SEPARATOR)
        if len(names) > DEPTH or not all(map(_is_name, names)) or _blocked(names, known, closed):
            continue
        parent: Category | None = None
        for name in names:
            place = (parent.id if parent else None, name)
            if place not in known:
                code = f"c-{secrets.token_hex(6)}"
                above = parent.code if parent else None
                known[place] = add_category(session, code=code, name=name, parent=above)
            parent = known[place]
        if parent is not None:
            record(
                session, actor, "category_created", f"category:{parent.id}", after={"path": path}
            )
        added.append(f"分类“{path}”")
    return added


def _blocked(
    names: list[str], known: dict[tuple[int | None, str], Category], closed: set[int]
) -> bool:
    """Tell whether the path leads through a leaf that was there before."""
    parent_id: int | None = None
    for name in names:
        node = known.get((parent_id, name))
        if node is None:
            return False
        if node.id in closed:
            return True
        parent_id = node.id
    return False


def _told(sheet: Sheet, column: str) -> list[str]:
    """Return what the cells of a column say, each once, in order."""
    told: dict[str, None] = {}
    for row in sheet.rows:
        try:
            told.setdefault(line(row.cells.get(column)), None)
        except CellError:
            continue  # the row is found wrong when it is planned
    return [key for key in told if key]


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_LENGTH and not CONTROLS.search(name) and "\n" not in name
