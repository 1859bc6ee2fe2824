"""There is always an administrator who can sign in."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.errors import ConflictError
from knowledge.people.actor import Role
from knowledge.people.models import Grant, User

_holders = select(Grant.user_id).where(Grant.role == Role.ADMINISTRATOR.value)


def lock(session: Session) -> None:
    """Make other writers wait who would close or demote administrators (PostgreSQL).

    On SQLite a writing transaction is alone anyway.
    """
    session.execute(
        select(User.id).where(User.id.in_(_holders)).order_by(User.id).with_for_update()
    )


def keep_one(session: Session) -> None:
    """Make sure that the transaction leaves an active administrator; call it after `lock`.

    Raises:
        ConflictError: it would not.
    """
    active = select(func.count()).where(User.id.in_(_holders), User.active)
    if session.scalar(active) == 0:
        raise ConflictError("这是最后一位能登录的系统管理员。请先让另一位成为系统管理员")


def administers(user: User) -> bool:
    """Tell whether this person is an administrator."""
    return any(grant.role == Role.ADMINISTRATOR.value for grant in user.grants)
