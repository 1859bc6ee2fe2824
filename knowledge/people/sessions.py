"""Signing in and out: throttled attempts, sessions that rotate and end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, lazyload

from knowledge import clock
from knowledge.audit.actors import stranger
from knowledge.audit.service import record
from knowledge.database import Database
from knowledge.errors import KnowledgeError
from knowledge.people.actor import Actor
from knowledge.people.models import FailedLogin, StaffSession, User
from knowledge.people.passwords import password_matches
from knowledge.people.service import as_actor

WINDOW = timedelta(minutes=15)
FAILURES_PER_USER = 5
FAILURES_PER_ADDRESS = 20
SEEN_EVERY = timedelta(seconds=30)


class LoginError(KnowledgeError):
    """Signing in failed; the message says nothing about which part was wrong."""


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without activity, and at all."""

    idle: timedelta
    total: timedelta


def sign_in(database: Database, username: str, password: str, address: str) -> str:
    """Check a password and open a session.

    Returns:
        The session's token, to be kept in the browser's cookie.

    Raises:
        LoginError: wrong, closed, or too many failures from here or for this name.
    """
    username = username.strip().lower()[:32]
    with database.read() as session:
        refuse_if_throttled(session, username, address)
        user = session.scalar(select(User).where(User.username == username))
        stored = user.password_hash if user and user.active else None
    if user is None or not password_matches(stored, password):
        with database.write() as session:
            session.add(FailedLogin(username=username, address=address, at=clock.now()))
            # A name that nobody has may be a password in the wrong field: it is not kept for ever.
            subject = f"user:{user.id}" if user else "user:unknown"
            record(session, stranger(address), "sign_in_failed", subject)
        raise LoginError("用户名或密码不对。请检查大小写后再试；忘记密码请联系系统管理员。")
    with database.write() as session:
        session.execute(delete(FailedLogin).where(FailedLogin.username == username))
        return _open(session, user, address)


def actor_of(database: Database, token: str, limits: Limits, address: str) -> Actor | None:
    """Return who holds this session, or None if it ended; notes the activity."""
    hashed = digest(token)
    instant = clock.now()
    with database.read() as session:
        held = session.execute(
            select(StaffSession, User)
            .join(User, User.id == StaffSession.user_id)
            .where(StaffSession.token_hash == hashed)
            .options(lazyload(User.department))
        ).one_or_none()
        if held is None:
            return None
        row, user = held
        actor = as_actor(session, user, address)
    over = instant - row.seen_at > limits.idle or instant - row.created_at > limits.total
    if over or not user.active:
        sign_out(database, token, "session_ended")
        return None
    if instant - row.seen_at > SEEN_EVERY:
        with database.write() as session:
            fresh = session.get(StaffSession, hashed)
            if fresh is not None:
                fresh.seen_at = instant
    return actor


def sign_out(database: Database, token: str, action: str = "signed_out") -> None:
    """End the session at the server, so that its cookie is worth nothing."""
    with database.write() as session:
        row = session.get(StaffSession, digest(token))
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None:
            return
        ended = session.execute(
            delete(StaffSession)
            .where(StaffSession.token_hash == row.token_hash)
            .returning(StaffSession.user_id)
        ).first()
        if ended is not None:  # of two requests at once, one ends it
            record(session, as_actor(session, user, row.address), action, f"user:{user.id}")


def _open(session: Session, user: User, address: str) -> str:
    token = secrets.token_urlsafe(32)
    instant = clock.now()
    session.add(
        StaffSession(
            token_hash=digest(token),
            user_id=user.id,
            address=address,
            created_at=instant,
            seen_at=instant,
        )
    )
    record(session, as_actor(session, user, address), "signed_in", f"user:{user.id}")
    return token


def refuse_if_throttled(session: Session, username: str, address: str) -> None:
    """Refuse an attempt after too many that failed.

    Raises:
        LoginError: so it is.
    """
    since = clock.now() - WINDOW
    recent = select(func.count()).select_from(FailedLogin).where(FailedLogin.at > since)
    by_user = session.scalar(recent.where(FailedLogin.username == username)) or 0
    by_address = session.scalar(recent.where(FailedLogin.address == address)) or 0
    if by_user >= FAILURES_PER_USER or by_address >= FAILURES_PER_ADDRESS:
        minutes = int(WINDOW.total_seconds() // 60)
        raise LoginError(f"登录失败次数太多，请 {minutes} 分钟后再试，或联系系统管理员。")


def digest(token: str) -> str:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()
