"""Keep filters under a name, choose the one that opens first, forget them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.filters.models import SavedFilter
from knowledge.people.actor import Actor
from knowledge.privacy.hidden import visible

NAME_LENGTH = 30
MOST = 20
VALUE_LENGTH = 100


def filters(session: Session, actor: Actor) -> Sequence[SavedFilter]:
    """Return the person's filters by name; of others nobody sees any."""
    query = select(SavedFilter).where(SavedFilter.user_id == (actor.user_id or 0))
    return session.scalars(query.order_by(SavedFilter.name)).all()


def keep(session: Session, actor: Actor, name: str, wanted: Mapping[str, str]) -> SavedFilter:
    """Keep a filter; one of the same name is replaced.

    Raises:
        ContentError: no name, too long, or too many filters.
        ConflictError: a second window kept one of this name at the same time.
    """
    name = " ".join(visible(name).split())
    if not 1 <= len(name) <= NAME_LENGTH:
        raise ContentError({"name": f"请给这个筛选起个名字（{NAME_LENGTH} 字以内）"})
    wanted = {key: value[:VALUE_LENGTH] for key, value in wanted.items() if value}
    mine = filters(session, actor)
    same = next((one for one in mine if one.name == name), None)
    if same is not None:
        same.wanted = wanted
        return same
    if len(mine) >= MOST:
        raise ContentError({"name": f"最多存 {MOST} 个筛选，请先删去不用的"})
    kept = SavedFilter(
        user_id=actor.user_id, name=name, wanted=wanted, first=False, created_at=clock.now()
    )
    session.add(kept)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("同名的筛选刚刚存过了") from error
    return kept


def open_first(session: Session, actor: Actor, filter_id: int, first: bool) -> None:
    """Let the list open with this filter, or no longer.

    Raises:
        NotFoundError: the person has no such filter.
    """
    found = _own(session, actor, filter_id)
    session.execute(
        update(SavedFilter).where(SavedFilter.user_id == actor.user_id).values(first=False)
    )
    found.first = first


def forget(session: Session, actor: Actor, filter_id: int) -> None:
    """Remove a filter.

    Raises:
        NotFoundError: the person has no such filter.
    """
    session.delete(_own(session, actor, filter_id))


def _own(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    found = session.get(SavedFilter, filter_id)
    if found is None or found.user_id != actor.user_id:
        raise NotFoundError("没有这个筛选，可能已在别的窗口删去")
    return found
