"""Add staff, change their passwords, turn them into actors."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.departments.models import Department
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.people.actor import ROLE_NAMES, Actor, Role
from knowledge.people.models import StaffSession, User
from knowledge.people.passwords import hash_password

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
BOUND_TO_DEPARTMENT = frozenset({Role.EDITOR, Role.REVIEWER})


def add_user(
    session: Session,
    actor: Actor,
    *,
    username: str,
    display_name: str,
    password: str,
    roles: Iterable[Role],
    department: Department | None,
) -> User:
    """Create an account.

    Raises:
        ContentError: a field breaks the rules.
        ConflictError: the user name is taken.
    """
    roles = sorted(set(roles))
    problems = _problems(username, display_name, roles, department)
    if problems:
        raise ContentError(problems)
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise ConflictError(f"用户名“{username}”已被使用，请换一个")
    user = User(
        username=username,
        display_name=display_name.strip(),
        password_hash=hash_password(password),
        roles=[role.value for role in roles],
        department_id=department.id if department else None,
        active=True,
        created_at=clock.now(),
    )
    session.add(user)
    session.flush()
    after = {"username": username, "roles": user.roles, "department_id": user.department_id}
    record(session, actor, "user_added", f"user:{user.id}", after=after)
    return user


def set_password(session: Session, actor: Actor, username: str, password: str) -> None:
    """Give an account a new password and end all its sessions.

    Raises:
        NotFoundError: no such account.
        ContentError: the password is too short or too long.
    """
    user = user_named(session, username)
    user.password_hash = hash_password(password)
    session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    record(session, actor, "password_changed", f"user:{user.id}")


def set_active(session: Session, actor: Actor, username: str, active: bool) -> None:
    """Close or reopen an account; closing it ends its sessions.

    Raises:
        NotFoundError: no such account.
    """
    user = user_named(session, username)
    before, user.active = {"active": user.active}, active
    if not active:
        session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    record(
        session,
        actor,
        "user_reopened" if active else "user_closed",
        f"user:{user.id}",
        before=before,
        after={"active": active},
    )


def user_named(session: Session, username: str) -> User:
    """Return the account of that name.

    Raises:
        NotFoundError: there is none.
    """
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError(f"没有用户“{username}”")
    return user


def users(session: Session) -> Sequence[User]:
    """Return all accounts by user name."""
    return session.scalars(select(User).order_by(User.username)).all()


def as_actor(user: User, address: str) -> Actor:
    """Return the actor that this account is when it acts from `address`."""
    return Actor(
        user_id=user.id,
        name=user.display_name,
        department_id=user.department_id,
        roles=frozenset(Role(role) for role in user.roles),
        address=address,
    )


def _problems(
    username: str, display_name: str, roles: Sequence[Role], department: Department | None
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not USERNAME.fullmatch(username):
        problems["username"] = "用户名须为 2 到 32 个小写字母、数字或 . _ -，并以字母或数字开头"
    if not 1 <= len(display_name.strip()) <= 64:
        problems["display_name"] = "姓名须为 1 到 64 个字"
    if not roles:
        problems["roles"] = "至少要有一个角色：" + "、".join(ROLE_NAMES.values())
    if department is None and BOUND_TO_DEPARTMENT & set(roles):
        problems["department"] = "部门采编员和部门审核员必须属于一个部门"
    return problems
