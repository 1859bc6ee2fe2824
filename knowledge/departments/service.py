"""Find and add departments, change them, close and reopen them."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knowledge.audit.service import record
from knowledge.departments.models import Department, Kind
from knowledge.departments.tree import Tree
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PHONE = re.compile(r"[0-9０-９ +()（）、/转-]{3,32}")
NAME_LENGTH = 64
DEEPEST = 8


@dataclass(frozen=True)
class Fields:
    """What an administrator says of a department; without a code it gets one."""

    name: str
    code: str = ""
    kind: str = Kind.BUREAU.value
    phone: str = ""
    parent_id: int | None = None
    position: int = 0


def departments(session: Session, *, closed: bool = False) -> Sequence[Department]:
    """Return the departments in tree order; those that are closed only where asked for."""
    found = [node.department for node in Tree(session).nodes()]
    return [one for one in found if closed or one.active]


def department(session: Session, department_id: int) -> Department:
    """Return a department.

    Raises:
        NotFoundError: there is none with that id.
    """
    found = session.get(Department, department_id)
    if found is None:
        raise NotFoundError("没有这个部门")
    return found


def department_named(session: Session, key: str) -> Department:
    """Return the department with code or name `key`, or the one that it was merged into.

    Raises:
        NotFoundError: names the departments that there are.
    """
    found = session.scalar(
        select(Department).where((Department.code == key) | (Department.name == key))
    )
    if found is None:
        names = "、".join(department.name for department in departments(session)) or "（无）"
        raise NotFoundError(f"没有叫“{key}”的部门；现有部门：{names}")
    return successor(session, found)


def successor(session: Session, found: Department) -> Department:
    """Return who answers in the department's place: itself, unless it was merged."""
    if found.merged_into_id is None:
        return found
    return department(session, found.merged_into_id)


def add_department(
    session: Session,
    *,
    code: str,
    name: str,
    kind: str = "bureau",
    phone: str | None = None,
    parent: str | None = None,
) -> Department:
    """Add a department, or return the one that has this code already."""
    existing = session.scalar(select(Department).where(Department.code == code))
    if existing is not None:
        return existing
    parent_id = department_named(session, parent).id if parent else None
    added = Department(code=code, name=name, kind=kind, phone=phone, parent_id=parent_id)
    session.add(added)
    session.flush()
    return added


def create_department(session: Session, actor: Actor, fields: Fields) -> Department:
    """Add a department for an administrator.

    Raises:
        NotAllowedError: the actor does not keep the departments.
        ContentError: a field breaks the rules.
    """
    require_keeper(actor)
    wanted = _checked(Tree(session, lock=True), fields, None)
    added = Department(**wanted)
    session.add(added)
    session.flush()
    record(session, actor, "department_created", f"department:{added.id}", after=wanted)
    return added


def change_department(
    session: Session, actor: Actor, department_id: int, seen: int, fields: Fields
) -> bool:
    """Rename, move, or otherwise change a department; tells whether anything changed.

    Args:
        seen: the `lock_version` on which the change is based.

    Raises:
        NotAllowedError, ContentError: as in `create_department`.
        NotFoundError: no such department.
        ConflictError: somebody changed it after `seen`.
    """
    tree, found = locked(session, actor, department_id, seen)
    wanted = _checked(tree, fields, found)
    before = {name: getattr(found, name) for name in wanted}
    if before == wanted:
        return False
    for name, value in wanted.items():
        setattr(found, name, value)
    flush(session)
    subject = f"department:{found.id}"
    record(session, actor, "department_changed", subject, before=before, after=wanted)
    return True


def locked(
    session: Session, actor: Actor, department_id: int, seen: int
) -> tuple[Tree, Department]:
    """Return the tree, which nobody else changes meanwhile, and the department in it.

    Raises:
        NotAllowedError, NotFoundError, ConflictError: as in `change_department`.
    """
    require_keeper(actor)
    tree = Tree(session, lock=True)
    found = tree.by_id.get(department_id)
    if found is None:
        raise NotFoundError("没有这个部门")
    if found.lock_version != seen:
        raise ConflictError("您打开之后，这个部门已被别人修改")
    return tree, found


def require_keeper(actor: Actor) -> None:
    """Refuse who does not keep the departments.

    Raises:
        NotAllowedError: so it is.
    """
    if not actor.may(Right.MANAGE_DEPARTMENTS):
        raise NotAllowedError("只有系统管理员可以管理部门")


def flush(session: Session) -> None:
    """Write what the session holds.

    Raises:
        ConflictError: somebody changed one of the rows since they were read.
    """
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError("您保存的同时，这个部门被别人修改了") from error


def _checked(tree: Tree, fields: Fields, changed: Department | None) -> dict[str, object]:
    """Return the columns' values; `changed` is the department that is to have them."""
    wanted = asdict(fields) | {"name": fields.name.strip(), "phone": fields.phone.strip() or None}
    wanted["code"] = fields.code.strip() or (
        changed.code if changed else f"d-{secrets.token_hex(6)}"
    )
    own = changed.id if changed else None
    others = [one for one in tree.by_id.values() if one.id != own]
    problems: dict[str, str] = {}
    name, code = wanted["name"], wanted["code"]
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        problems["name"] = f"名称须为 1 到 {NAME_LENGTH} 个字，写在一行里"
    elif any(name == one.name for one in others):
        problems["name"] = f"已有叫“{name}”的部门（停用、并入的也算），请换一个名称"
    if not CODE.fullmatch(code):
        problems["code"] = "代码须为 64 个以内的字母、数字或 . _ -，并以字母或数字开头"
    elif any(code == one.code for one in others):
        problems["code"] = f"代码“{code}”已被另一个部门使用，请换一个"
    if fields.kind not in set(Kind):
        problems["kind"] = "请在名单里选择类型"
    if wanted["phone"] and not PHONE.fullmatch(wanted["phone"]):
        problems["phone"] = "电话只写数字、空格、连字符和括号，3 到 32 个字符"
    if not 0 <= fields.position <= 9999:
        problems["position"] = "排序号须为 0 到 9999 的整数"
    misplaced = _misplaced(tree, fields.parent_id, changed)
    if misplaced:
        problems["parent"] = misplaced
    if problems:
        raise ContentError(problems)
    return wanted


def _misplaced(tree: Tree, parent_id: int | None, moved: Department | None) -> str | None:
    parent = tree.by_id.get(parent_id or 0)
    if parent_id is None or (moved is not None and parent_id == moved.parent_id):
        return None
    if parent is None:
        return "没有这个上级部门，请重新选择"
    if not parent.active:
        return f"“{parent.name}”已停用，不能作上级"
    if moved is not None and parent_id in tree.below(moved.id):
        return f"“{parent.name}”是它自己或它的下级，不能作它的上级"
    depths = {node.department.id: node.depth for node in tree.nodes()}
    height = max((node.depth + 1 for node in tree.nodes(moved.id)), default=0) if moved else 0
    too_deep = depths[parent_id] + 1 + height >= DEEPEST
    return f"部门最多 {DEEPEST} 层，请选更上面的上级" if too_deep else None
