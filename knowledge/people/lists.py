"""Lists of accounts: filter, count, page."""

from dataclasses import dataclass

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from knowledge.errors import NotAllowedError
from knowledge.paging import Page, existing
from knowledge.people.actor import Actor, Right, Role
from knowledge.people.models import Grant, User

SIZE = 50


@dataclass(frozen=True)
class Wanted:
    """Which accounts to list; an empty field filters nothing."""

    text: str = ""
    department_id: int | None = None
    role: Role | None = None
    active: bool | None = None


def listed(session: Session, actor: Actor, wanted: Wanted, number: int = 1) -> Page[User]:
    """Return page `number` (from 1) of the accounts, active ones first, by user name.

    A department finds those whose home it is and those who hold a grant for it.

    Raises:
        NotAllowedError: the actor does not keep accounts.
    """
    if not actor.may(Right.MANAGE_USERS):
        raise NotAllowedError("只有系统管理员可以管理账号")
    query = select(User)
    for word in wanted.text.split()[:4]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            or_(User.username.ilike(like, escape="\\"), User.display_name.ilike(like, escape="\\"))
        )
    if wanted.department_id is not None:
        granted = select(Grant.user_id).where(Grant.department_id == wanted.department_id)
        query = query.where(or_(User.department_id == wanted.department_id, User.id.in_(granted)))
    if wanted.role is not None:
        holders = select(Grant.user_id).where(Grant.role == wanted.role.value)
        query = query.where(User.id.in_(holders))
    if wanted.active is not None:
        query = query.where(User.active.is_(wanted.active))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = existing(number, total, SIZE)
    rows = session.scalars(
        query.options(selectinload(User.grants))
        .order_by(User.active.desc(), User.username)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    return Page(rows=rows, total=total, number=number, size=SIZE)


def waiting(session: Session) -> tuple[int, int]:
    """Return how many active accounts hold no grant, and how many wait for a first password."""
    granted = select(Grant.user_id)
    query = select(
        func.count(case((User.id.not_in(granted), 1))),
        func.count(case((User.must_change_password, 1))),
    ).where(User.active)
    without, unchanged = session.execute(query).one()
    return without, unchanged
