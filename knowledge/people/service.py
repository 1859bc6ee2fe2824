"""Add staff, change what they are and may do, turn them into actors."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from knowledge import clock
from knowledge.audit.service import record
from knowledge.departments.models import Department
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import OF_DEPARTMENTS, ROLE_NAMES, Actor, Right, Role
from knowledge.people.administrators import administers, keep_one, lock
from knowledge.people.grants import Granting, checked, granting_of, reaches_of, told, usual
from knowledge.people.models import StaffSession, User
from knowledge.people.passwords import hash_password

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
NAME_LENGTH = 64


def add_user(
    session: Session,
    actor: Actor,
    *,
    username: str,
    display_name: str,
    password: str,
    roles: Iterable[Role | Granting],
    department: Department | None,
) -> User:
    """Create an account.

    Args:
        roles: grants, or roles that reach as far as is usual (see `usual`).
        department: the home department.

    Raises:
        NotAllowedError: the actor does not keep accounts.
        ContentError: a field breaks the rules.
        ConflictError: the user name is taken.
    """
    _require(actor)
    given = set(roles)
    plain = {one for one in given if isinstance(one, Role)}
    problems = _problems(username, display_name, department)
    if not given:
        problems["roles"] = "至少要有一个角色：" + "、".join(ROLE_NAMES.values())
    if department is None and OF_DEPARTMENTS & plain:
        problems["department"] = "部门采编员和部门审核员必须属于一个部门"
    if problems:
        raise ContentError(problems)
    wanted = checked(
        session, [*usual(plain, department), *(one for one in given if isinstance(one, Granting))]
    )
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise ConflictError(f"用户名“{username}”已被使用，请换一个")
    user = User(
        username=username,
        display_name=display_name.strip(),
        password_hash=hash_password(password),
        department_id=department.id if department else None,
        active=True,
        created_at=clock.now(),
        grants=[one.grant() for one in wanted],
    )
    session.add(user)
    session.flush()
    record(session, actor, "user_added", f"user:{user.id}", after=_summary(user))
    return user


def change_user(
    session: Session,
    actor: Actor,
    user: User,
    seen: int,
    *,
    display_name: str,
    department: Department | None,
    grants: Iterable[Granting],
) -> bool:
    """Change a person's name, home department and grants; tells whether anything changed.

    Args:
        seen: the `lock_version` on which the change is based.

    Raises:
        NotAllowedError: the actor does not keep accounts, or would stop being administrator.
        ContentError: a field breaks the rules.
        ConflictError: somebody changed the account after `seen`, or no administrator would be left.
    """
    _require(actor)
    _require_current(user, seen)
    problems = _problems(user.username, display_name, department)
    if problems:
        raise ContentError(problems)
    wanted = checked(session, grants)
    held = {granting_of(grant): grant for grant in user.grants}
    before = _summary(user)
    resigns = administers(user) and Granting(Role.ADMINISTRATOR) not in wanted
    if resigns and user.id == actor.user_id:
        raise ContentError({"grants": "不能取消自己的系统管理员角色，请由另一位管理员来做"})
    user.display_name, user.department = display_name.strip(), department
    user.grants = [held.get(one) or one.grant() for one in wanted]
    if resigns:
        lock(session)
    flag_modified(user, "display_name")  # grants alone would not make the version grow
    _flush(session)
    if resigns:
        keep_one(session)
    session.refresh(user, ["grants"])
    after = _summary(user)
    if before == after:
        return False
    record(session, actor, "user_changed", f"user:{user.id}", before=before, after=after)
    return True


def set_password(
    session: Session, actor: Actor, username: str, password: str, *, must_change: bool = False
) -> None:
    """Give an account a new password and end all its sessions.

    Args:
        must_change: whether the person must choose another one after signing in.

    Raises:
        NotAllowedError: the actor does not keep accounts.
        NotFoundError: no such account.
        ContentError: the password is too short or too long.
    """
    _require(actor)
    user = user_named(session, username)
    user.password_hash = hash_password(password)
    user.must_change_password = must_change
    session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    _flush(session)
    record(session, actor, "password_changed", f"user:{user.id}")


def set_active(
    session: Session, actor: Actor, username: str, active: bool, seen: int | None = None
) -> None:
    """Close or reopen an account; closing it ends its sessions.

    Args:
        seen: the `lock_version` on which this is based, where it is known.

    Raises:
        NotAllowedError: the actor does not keep accounts.
        NotFoundError: no such account.
        ConflictError: changed after `seen`; one's own account; the last administrator's.
    """
    _require(actor)
    user = user_named(session, username)
    if seen is not None:
        _require_current(user, seen)
    if user.active == active:
        return
    if not active and user.id == actor.user_id:
        raise ConflictError("不能停用自己的账号，请由另一位管理员来做")
    if not active:
        lock(session)  # or two administrators could close each other at once
    before, user.active = {"active": user.active}, active
    _flush(session)
    if not active:
        if administers(user):
            keep_one(session)
        session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    action = "user_reopened" if active else "user_closed"
    after = {"active": active}
    record(session, actor, action, f"user:{user.id}", before=before, after=after)


def user_named(session: Session, username: str) -> User:
    """Return the account of that name.

    Raises:
        NotFoundError: there is none.
    """
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError(f"没有用户“{username[:32]}”")
    return user


def users(session: Session) -> Sequence[User]:
    """Return all accounts by user name."""
    return session.scalars(select(User).order_by(User.username)).all()


def as_actor(session: Session, user: User, address: str) -> Actor:
    """Return the actor that this account is when it acts from `address`."""
    return Actor(
        user_id=user.id,
        name=user.display_name,
        department_id=user.department_id,
        address=address,
        reaches=reaches_of(session, user.id),
        must_change_password=user.must_change_password,
    )


def _require(actor: Actor) -> None:
    if not actor.may(Right.MANAGE_USERS):
        raise NotAllowedError("只有系统管理员可以管理账号")


def _require_current(user: User, seen: int) -> None:
    if user.lock_version != seen:
        raise ConflictError("您打开之后，这个账号已被别人修改")


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError("您保存的同时，这个账号被别人修改了") from error


def _summary(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "department_id": user.department_id,
        "grants": sorted(told(user.grants)),
    }


def _problems(username: str, display_name: str, department: Department | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not USERNAME.fullmatch(username):
        problems["username"] = "用户名须为 2 到 32 个小写字母、数字或 . _ -，并以字母或数字开头"
    name = display_name.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        problems["display_name"] = f"姓名须为 1 到 {NAME_LENGTH} 个字，写在一行里"
    if department is not None and not department.active:
        problems["department"] = f"“{department.name}”已停用，请换一个部门"
    return problems
