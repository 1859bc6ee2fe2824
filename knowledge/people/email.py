"""Where a person's reminders go."""

from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.errors import ContentError, NotAllowedError
from knowledge.people.actor import Actor, Right
from knowledge.people.models import User
from knowledge.settings import EMAIL


def set_email(session: Session, actor: Actor, user: User, email: str) -> bool:
    """Set or (empty) remove the address; tells whether it changed.

    The audit log, of which nothing can be erased, keeps a hint of it only.

    Raises:
        NotAllowedError: the actor does not keep accounts.
        ContentError: no e-mail address.
    """
    if not actor.may(Right.MANAGE_USERS):
        raise NotAllowedError("只有系统管理员可以管理账号")
    address = email.strip() or None
    if address is not None and not EMAIL.fullmatch(address):
        raise ContentError({"email": "邮箱请按 name@example.gov.cn 的样子填写，或留空"})
    if address == user.email:
        return False
    before, user.email = {"email": _hint(user.email)}, address
    session.flush()
    after = {"email": _hint(address)}
    record(session, actor, "user_changed", f"user:{user.id}", before=before, after=after)
    return True


def _hint(email: str | None) -> str:
    name, _, host = (email or "").partition("@")
    return f"{name[:1]}***@{host}" if email else ""
