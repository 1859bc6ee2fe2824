"""Open a round, confirm its entries, close it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.categories.tree import Tree as CategoryTree
from knowledge.departments.tree import Tree
from knowledge.entries.lists import State, state_of
from knowledge.entries.models import Entry, EntryVersion
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right
from knowledge.rereviews.service import mark
from knowledge.review.service import confirm
from knowledge.rounds.lists import board, whole
from knowledge.rounds.models import Round, RoundItem
from knowledge.rounds.outcome import Outcome, outcome_of

TITLE_LENGTH = 64
NOTE_LENGTH = 500
SCOPE_NAMES = 12
FARTHEST = timedelta(days=366)
SERVED = frozenset({State.LIVE, State.CHANGED})


@dataclass(frozen=True)
class Plan:
    """What a round is to be; no departments: all of them, no category: all of them.

    Departments and the category count with all that is below them.
    """

    title: str
    due_on: date | None
    department_ids: frozenset[int] = frozenset()
    category_id: int | None = None
    note: str = ""


def open_round(session: Session, actor: Actor, plan: Plan) -> Round:
    """Open a round over the entries that are in service now.

    Raises:
        NotAllowedError: not a manager.
        ContentError: a field breaks the rules, or no entry is in service there.
    """
    if not actor.may(Right.PUBLISH_ENTRIES):
        raise NotAllowedError("只有热线知识管理员可以发起梳理")
    title, note = plan.title.strip(), plan.note.replace("\r\n", "\n").strip()
    _require_sound(plan, title, note)
    same = select(Round.id).where(Round.title == title, Round.closed_at.is_(None))
    if session.scalar(same.limit(1)) is not None:
        raise ContentError({"title": f"“{title}”正在进行，请换一个名称，或先结束它"})
    departments, categories, scope = _scope(session, plan)
    found = _in_service(session, actor, departments, categories)
    if not found:
        raise ContentError({"departments": "所选范围里没有在服务的条目，请换一个范围"})
    one = Round(
        title=title,
        note=note,
        scope=scope,
        due_on=plan.due_on,
        opened_at=clock.now(),
        opened_by=actor.name,
    )
    session.add(one)
    session.flush()
    session.add_all(
        RoundItem(
            round_id=one.id,
            entry_id=entry.id,
            version_id=entry.published_version_id,
            department_id=entry.department_id,
        )
        for entry in found
    )
    session.flush()
    after = {"name": title, "due": one.due_on.isoformat(), "scope": scope, "entries": len(found)}
    record(session, actor, "round_opened", f"round:{one.id}", after=after)
    return one


def round_numbered(session: Session, round_id: int) -> Round:
    """Return a round.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Round, round_id)
    if found is None:
        raise NotFoundError("没有这次梳理")
    return found


def confirm_item(session: Session, actor: Actor, one: Round, item_id: int) -> RoundItem:
    """Confirm that an entry's version, as the round lists it, is still right.

    Raises:
        NotFoundError: not an entry of this round.
        NotAllowedError: not this actor's to confirm.
        ConflictError: the round is closed, the entry changed since, or its validity is over.
    """
    item = session.get(RoundItem, item_id)
    if item is None or item.round_id != one.id:
        raise NotFoundError("这次梳理里没有这一条")
    _require_open(one)
    entry = item.entry
    if entry.published is None:
        raise ConflictError("这一条已经下架，不用确认")
    if entry.published_version_id != item.version_id:
        raise ConflictError("这一条已经发布了新版本，不用再确认")
    if state_of(entry.published, None, False) is State.EXPIRED:
        raise ConflictError("这一条的有效期已经过了，请修改有效期或下架")
    confirm(session, actor, entry, entry.lock_version)
    return item


def may_close(session: Session, actor: Actor, one: Round) -> bool:
    """Tell whether the actor is manager of every department in the round."""
    return actor.may(Right.PUBLISH_ENTRIES) and all(
        actor.may(Right.PUBLISH_ENTRIES, part.department_id) for part in board(session, one)
    )


def close_round(session: Session, actor: Actor, one: Round) -> int:
    """Close a round: outcomes are written down, what is left is marked for re-review.

    Returns:
        How many entries were left.

    Raises:
        NotAllowedError: not manager of all its departments.
        ConflictError: it is closed already.
    """
    if not may_close(session, actor, one):
        raise NotAllowedError("只有管得到全部参加部门的热线知识管理员可以结束这次梳理")
    _require_open(one)
    ended = session.execute(
        update(Round)
        .where(Round.id == one.id, Round.closed_at.is_(None))
        .values(closed_at=clock.now(), closed_by=actor.name)
        .returning(Round.id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is None:
        raise ConflictError("别人刚刚结束了这次梳理")
    owner: ColumnElement[int] = Entry.__table__.c.department_id
    session.execute(
        update(RoundItem)
        .where(RoundItem.round_id == one.id)
        .values(outcome=_of_entry(outcome_of(one)), department_id=_of_entry(owner))
        .execution_options(synchronize_session=False)
    )
    session.refresh(one)
    counts = whole(board(session, one)).counts
    at_end = select(RoundItem.entry_id).where(RoundItem.round_id == one.id)
    left = session.scalars(at_end.where(RoundItem.outcome == Outcome.LEFT.value)).all()
    mark(session, actor, left, f"“{one.title}”结束时还没有梳理")
    after = {what.value: count for what, count in counts.items()}
    record(session, actor, "round_closed", f"round:{one.id}", after=after)
    return len(left)


def _of_entry(value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return a value of each item's entry, for an update of the items."""
    query = select(value).select_from(Entry).where(Entry.id == RoundItem.entry_id)
    return query.correlate(RoundItem).scalar_subquery()


def _require_open(one: Round) -> None:
    if one.closed_at is not None:
        raise ConflictError(f"这次梳理已由{one.closed_by}结束")


def _require_sound(plan: Plan, title: str, note: str) -> None:
    problems: dict[str, str] = {}
    if not 1 <= len(title) <= TITLE_LENGTH or not title.isprintable():
        problems["title"] = f"请写这次梳理的名称（{TITLE_LENGTH} 字以内，写在一行里）"
    if len(note) > NOTE_LENGTH:
        problems["note"] = f"说明有 {len(note)} 个字，最多 {NOTE_LENGTH} 个"
    today = clock.today()
    if plan.due_on is None:
        problems["due_on"] = "请填写完成日期，例如 2026-03-31"
    elif not today <= plan.due_on <= today + FARTHEST:
        problems["due_on"] = "完成日期要在今天以后、一年以内"
    if problems:
        raise ContentError(problems)


def _scope(
    session: Session, plan: Plan
) -> tuple[frozenset[int] | None, frozenset[int] | None, str]:
    """Return the departments and categories (None: all), and the words for them."""
    departments, told = None, "全部部门"
    if plan.department_ids:
        tree = Tree(session)
        if not plan.department_ids <= set(tree.by_id):
            raise ContentError({"departments": "所选的部门有的已经没有了，请重新选择"})
        departments = frozenset().union(*(tree.below(one) for one in plan.department_ids))
        names = [n.department.name for n in tree.nodes() if n.department.id in plan.department_ids]
        more = f"等 {len(names)} 个部门" if len(names) > SCOPE_NAMES else ""
        told = "、".join(names[:SCOPE_NAMES]) + more
    if plan.category_id is None:
        return departments, None, told
    categories = CategoryTree(session)
    if plan.category_id not in categories.by_id:
        raise ContentError({"category": "没有这个分类，请重新选择"})
    name = categories.by_id[plan.category_id].name
    return departments, frozenset(categories.below(plan.category_id)), f"{told}；分类“{name}”"


def _in_service(
    session: Session,
    actor: Actor,
    departments: Collection[int] | None,
    categories: Collection[int] | None,
) -> list[Entry]:
    query = (
        select(Entry, EntryVersion)
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .order_by(Entry.id)
    )
    if departments is not None:
        query = query.where(Entry.department_id.in_(departments))
    if categories is not None:
        query = query.where(EntryVersion.category_id.in_(categories))
    return [
        entry
        for entry, version in session.execute(query)
        if state_of(version, None, False) in SERVED
        and actor.may(Right.PUBLISH_ENTRIES, entry.department_id, version.category_id)
    ]
