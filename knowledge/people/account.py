"""A person's own account: the password, and the browsers that are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.database import Database
from knowledge.errors import ContentError, NotFoundError
from knowledge.people.actor import Actor
from knowledge.people.models import FailedLogin, StaffSession, User
from knowledge.people.passwords import hash_password, password_matches
from knowledge.people.sessions import Limits, digest, refuse_if_throttled


@dataclass(frozen=True)
class SignedIn:
    """A browser that is signed in; `own` is the one that asks."""

    address: str
    created_at: datetime
    seen_at: datetime
    own: bool


def own_user(session: Session, actor: Actor) -> User:
    """Return the account that acts.

    Raises:
        NotFoundError: the system acts, which has none.
    """
    user = session.get(User, actor.user_id or 0)
    if user is None:
        raise NotFoundError("没有这个账号")
    return user


def change_own_password(
    database: Database, actor: Actor, token: str, current: str, new: str
) -> None:
    """Change one's own password and end all other sessions.

    Args:
        token: the session that asks; it goes on.

    Raises:
        LoginError: too many wrong passwords lately, here or for this name.
        ContentError: the current password is wrong, or the new one breaks the rules.
    """
    with database.read() as session:
        user = own_user(session, actor)
        username, stored = user.username, user.password_hash
        refuse_if_throttled(session, username, actor.address)
    if not password_matches(stored, current):
        with database.write() as session:
            failed = FailedLogin(username=username, address=actor.address, at=clock.now())
            session.add(failed)
        raise ContentError({"current": "现在的密码不对，请检查大小写后再试"})
    if new == current:
        raise ContentError({"password": "新密码和现在的一样，请换一个"})
    if username in new.lower():
        raise ContentError({"password": "新密码里不能有用户名，请换一个"})
    hashed = hash_password(new)
    with database.write() as session:
        user = own_user(session, actor)
        if user.password_hash != stored:
            raise ContentError({"current": "刚才密码已被更换，请用新的密码登录"})
        user.password_hash, user.must_change_password = hashed, False
        _end_others(session, user.id, token)
        record(session, actor, "own_password_changed", f"user:{user.id}")


def own_sessions(session: Session, actor: Actor, token: str, limits: Limits) -> Sequence[SignedIn]:
    """Return the browsers in which the person is signed in, this one first."""
    instant, own = clock.now(), digest(token)
    rows = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.user_id == actor.user_id,
            StaffSession.seen_at > instant - limits.idle,
            StaffSession.created_at > instant - limits.total,
        )
        .order_by(StaffSession.seen_at.desc())
    )
    found = [
        SignedIn(row.address, row.created_at, row.seen_at, row.token_hash == own) for row in rows
    ]
    return sorted(found, key=lambda one: not one.own)


def end_other_sessions(session: Session, actor: Actor, token: str) -> int:
    """Sign the person out everywhere else; returns in how many browsers."""
    user = own_user(session, actor)
    ended = _end_others(session, user.id, token)
    if ended:
        after = {"ended": ended}
        record(session, actor, "other_sessions_ended", f"user:{user.id}", after=after)
    return ended


def _end_others(session: Session, user_id: int, token: str) -> int:
    others = (StaffSession.user_id == user_id, StaffSession.token_hash != digest(token))
    ended = len(session.scalars(select(StaffSession.token_hash).where(*others)).all())
    session.execute(delete(StaffSession).where(*others))
    return ended
