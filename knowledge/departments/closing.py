"""Close a department that owns nothing, reopen it, or merge it into another with all it owns."""

from sqlalchemy import ColumnElement, Table, func, select, update
from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.database.schema import METADATA
from knowledge.departments.models import Department
from knowledge.departments.service import flush, locked
from knowledge.departments.tree import Tree
from knowledge.entries.models import Entry
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Actor
from knowledge.people.models import Grant, User

# These are moved with care; every other table that names a department simply follows.
BY_HAND = frozenset({"departments", "grants"})
DERIVED = frozenset({"entry_listing"})  # follows the entries: nothing of its own moves


def holdings(session: Session, department_id: int) -> dict[str, int]:
    """Return how many of what the department owns, in words; nothing that is not there."""
    counts = {
        "条知识": select(func.count()).where(Entry.department_id == department_id),
        "位在用的人员": select(func.count()).where(
            User.department_id == department_id, User.active
        ),
        "个下级部门": select(func.count()).where(
            Department.parent_id == department_id, Department.active
        ),
    }
    found = {name: session.scalar(query) or 0 for name, query in counts.items()}
    return {name: count for name, count in found.items() if count}


def entries_of_each(session: Session) -> dict[int, int]:
    """Return how many entries each department has that has any."""
    rows = session.execute(select(Entry.department_id, func.count()).group_by(Entry.department_id))
    return {department_id: count for department_id, count in rows}  # noqa: C416 - rows, not pairs


def close_department(session: Session, actor: Actor, department_id: int, seen: int) -> None:
    """Close a department; grants for it give nothing until it is reopened.

    Raises:
        NotAllowedError, NotFoundError: as in `change_department`.
        ConflictError: changed after `seen`, closed already, or it still owns something.
    """
    _, found = locked(session, actor, department_id, seen)
    if not found.active:
        raise ConflictError("这个部门已经停用")
    owned = holdings(session, department_id)
    if owned:
        listed = "、".join(f"{count} {name}" for name, count in owned.items())
        raise ConflictError(f"它还有 {listed}。请先移走，或者把它并入另一个部门")
    found.active = False
    flush(session)
    record(session, actor, "department_closed", f"department:{found.id}")


def reopen_department(session: Session, actor: Actor, department_id: int, seen: int) -> None:
    """Reopen a department; one that was merged comes back empty.

    Raises:
        NotAllowedError, NotFoundError: as in `change_department`.
        ConflictError: changed after `seen`, in use already, or the one above it is closed.
    """
    tree, found = locked(session, actor, department_id, seen)
    if found.active:
        raise ConflictError("这个部门正在使用")
    parent = tree.by_id.get(found.parent_id or 0)
    if parent is not None and not parent.active:
        raise ConflictError(f"它的上级“{parent.name}”已停用，请先给它换一个上级")
    before = {"merged_into_id": found.merged_into_id}
    found.active, found.merged_into_id = True, None
    flush(session)
    record(session, actor, "department_reopened", f"department:{found.id}", before=before)


def merge_department(
    session: Session, actor: Actor, department_id: int, into_id: int, seen: int
) -> dict[str, int]:
    """Merge a department into another: all that names it names the other from now on.

    Entries keep their `lock_version`: who has one of them open can save it afterwards.

    Args:
        seen: the `lock_version` of the department that goes.

    Returns:
        How many rows of which table moved.

    Raises:
        NotAllowedError, NotFoundError: as in `change_department`.
        ContentError: it cannot be merged into that one.
        ConflictError: changed after `seen`.
    """
    tree, source = locked(session, actor, department_id, seen)
    target = _target(tree, source, into_id)
    entries = session.scalars(select(Entry.id).where(Entry.department_id == source.id)).all()
    moved = {"grants": _move_grants(session, source.id, target.id)}
    for table, column in _references():
        count = session.scalar(select(func.count()).select_from(table).where(column == source.id))
        session.execute(update(table).where(column == source.id).values({column.name: target.id}))
        if table.name not in DERIVED:
            moved[table.name] = moved.get(table.name, 0) + (count or 0)
    _rehang(tree, source, target)
    source.active, source.merged_into_id = False, target.id
    flush(session)
    session.expire_all()
    before, after = {"department_id": source.id}, {"department_id": target.id}
    for entry_id in entries:
        record(session, actor, "entry_moved", f"entry:{entry_id}", before=before, after=after)
    moved = {name: count for name, count in moved.items() if count}
    for subject in (source, target):
        told = {"from": source.code, "into": target.code, "moved": moved}
        record(session, actor, "department_merged", f"department:{subject.id}", after=told)
    return moved


def _target(tree: Tree, source: Department, into_id: int) -> Department:
    target = tree.by_id.get(into_id)
    problem = None
    if not source.active:
        problem = "这个部门已经停用，不用再合并"
    elif target is None:
        problem = "请选择并入哪个部门"
    elif target is source:
        problem = "不能并入自己，请选择另一个部门"
    elif not target.active:
        problem = f"“{target.name}”已停用，请选择另一个部门"
    if problem is not None or target is None:
        raise ContentError({"into": problem or ""})
    return target


def _references() -> list[tuple[Table, ColumnElement[int]]]:
    """Return every column that names a department, also of tables made after this was written."""
    return [
        (table, column)
        for table in METADATA.sorted_tables
        if table.name not in BY_HAND
        for column in table.columns
        if any(key.column.table.name == "departments" for key in column.foreign_keys)
    ]


def _move_grants(session: Session, source_id: int, target_id: int) -> int:
    """Let grants for one department be for the other; nobody holds the same one twice."""
    there = select(Grant.user_id, Grant.role, Grant.category_id)
    held = {tuple(row) for row in session.execute(there.where(Grant.department_id == target_id))}
    moving = session.scalars(select(Grant).where(Grant.department_id == source_id)).all()
    for grant in moving:
        if (grant.user_id, grant.role, grant.category_id) in held:
            session.delete(grant)
        else:
            grant.department_id = target_id
    session.flush()
    return len(moving)


def _rehang(tree: Tree, source: Department, target: Department) -> None:
    """Hang what was below the one below the other; also what was merged into it before."""
    if target.id in tree.below(source.id):
        target.parent_id = source.parent_id
    for one in tree.by_id.values():
        if one.parent_id == source.id and one is not target:
            one.parent_id = target.id
        if one.merged_into_id == source.id:
            one.merged_into_id = target.id
