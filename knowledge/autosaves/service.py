"""Keeps what is being typed, for the person who types it.

It is no version: nobody reviews it, no lock is taken, and the audit log does not name it,
since nothing of the base changes. Saving the entry removes it, and so do fourteen days.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.autosaves.models import Autosave
from knowledge.entries.service import entry_coded
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right

KEPT = timedelta(days=14)
CHARACTERS = 120_000  # all fields at their limits, and as much again for what is over them
PER_PERSON = 100
NEW = re.compile(r"new(?:-gap-\d{1,9})?")


def keep(
    session: Session,
    actor: Actor,
    subject: str,
    fields: Mapping[str, Sequence[str]],
    lock_version: int,
) -> Autosave:
    """Keep what is typed in place of what was kept before.

    Args:
        subject: the entry's code, `new`, or `new-gap-12`.
        fields: the values of each field of the form.

    Raises:
        NotAllowedError: the person may not edit this entry.
        NotFoundError: no such entry.
        ContentError: more than any entry can hold.
        ConflictError: kept from another window at the same instant.
    """
    _require_editor(session, actor, subject)
    if sum(len(one) for values in fields.values() for one in values) > CHARACTERS:
        raise ContentError({"answer": "内容太长，没有自动保存，请先缩短"})
    _expire(session)
    user_id = _person(actor)
    found = session.get(Autosave, (user_id, subject))
    if found is None:
        _make_room(session, user_id)
        found = Autosave(user_id=user_id, subject=subject)
        session.add(found)
    found.fields = {name: list(values) for name, values in fields.items()}
    found.lock_version, found.saved_at = lock_version, clock.now()
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("另一个窗口刚刚自动保存了同一条") from error
    return found


def kept(session: Session, actor: Actor, subject: str) -> Autosave | None:
    """Return what the person typed and did not save, of the last fourteen days.

    Raises:
        NotAllowedError, NotFoundError: as in `keep`.
    """
    _require_editor(session, actor, subject)
    found = session.get(Autosave, (_person(actor), subject))
    return found if found is not None and found.saved_at > clock.now() - KEPT else None


def forget(session: Session, actor: Actor, subject: str) -> None:
    """Let go of what was kept, if anything was."""
    session.execute(
        delete(Autosave).where(Autosave.user_id == _person(actor), Autosave.subject == subject)
    )


def _require_editor(session: Session, actor: Actor, subject: str) -> None:
    if NEW.fullmatch(subject):
        allowed = actor.may(Right.EDIT_ENTRIES)
    else:
        allowed = actor.may(Right.EDIT_ENTRIES, entry_coded(session, subject).department_id)
    if not allowed:
        raise NotAllowedError("这一条属于其他部门，您不能修改")


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFoundError("只为登录的工作人员自动保存")
    return actor.user_id


def _expire(session: Session) -> None:
    session.execute(delete(Autosave).where(Autosave.saved_at <= clock.now() - KEPT))


def _make_room(session: Session, user_id: int) -> None:
    """Let the oldest go where a person has as many as there may be."""
    mine = Autosave.user_id == user_id
    held = session.scalar(select(func.count()).select_from(Autosave).where(mine)) or 0
    if held < PER_PERSON:
        return
    oldest = session.scalars(
        select(Autosave).where(mine).order_by(Autosave.saved_at).limit(held - PER_PERSON + 1)
    )
    for one in oldest.all():
        session.delete(one)
