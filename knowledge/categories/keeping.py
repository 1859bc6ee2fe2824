"""The hotline's manager keeps the category tree: add, change, move, merge, delete."""

import re
import secrets
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Column, Table, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from knowledge.audit.service import record
from knowledge.categories.models import Category
from knowledge.categories.service import SEPARATOR
from knowledge.categories.tree import Tree
from knowledge.database.schema import METADATA
from knowledge.entries.models import Entry, EntryListing, EntryVersion
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right
from knowledge.people.models import Grant

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_LENGTH = 64
DEEPEST = 5
LONGEST_PERIOD = 60


@dataclass(frozen=True)
class Fields:
    """What a manager says of a category; without a code it gets one."""

    name: str
    code: str = ""
    parent_id: int | None = None
    position: int = 0
    review_months: int | None = None


def create_category(session: Session, actor: Actor, fields: Fields) -> Category:
    """Add a category.

    Raises:
        NotAllowedError: the actor does not keep the categories.
        ContentError: a field breaks the rules.
    """
    _require(actor)
    wanted = _checked(session, Tree(session, lock=True), fields, None)
    added = Category(**wanted)
    session.add(added)
    session.flush()
    record(session, actor, "category_created", f"category:{added.id}", after=wanted)
    return added


def change_category(
    session: Session, actor: Actor, category_id: int, seen: int, fields: Fields
) -> bool:
    """Rename, move, or otherwise change a category; tells whether anything changed.

    Args:
        seen: the `lock_version` on which the change is based.

    Raises:
        NotAllowedError, ContentError: as in `create_category`.
        NotFoundError: no such category.
        ConflictError: somebody changed it after `seen`.
    """
    tree, found = _locked(session, actor, category_id, seen)
    wanted = _checked(session, tree, fields, found)
    before = {name: getattr(found, name) for name in wanted}
    if before == wanted:
        return False
    for name, value in wanted.items():
        setattr(found, name, value)
    _flush(session)
    subject = f"category:{found.id}"
    record(session, actor, "category_changed", subject, before=before, after=wanted)
    return True


def delete_category(session: Session, actor: Actor, category_id: int, seen: int) -> None:
    """Delete a category in which nothing is.

    Raises:
        NotAllowedError, NotFoundError: as in `change_category`.
        ConflictError: changed after `seen`, or something is in it; the message says what.
    """
    tree, found = _locked(session, actor, category_id, seen)
    if not tree.is_leaf(found.id):
        raise ConflictError("它下面还有分类，请先移走或删除它们")
    _require_empty(session, found)
    before = {"code": found.code, "name": found.name, "parent_id": found.parent_id}
    session.delete(found)
    _flush(session)
    record(session, actor, "category_deleted", f"category:{category_id}", before=before)


def merge_category(
    session: Session, actor: Actor, category_id: int, into_id: int, seen: int
) -> int:
    """Move all entries of a leaf into another leaf, then delete it; grants for it move too.

    Returns:
        How many entries moved.

    Raises:
        NotAllowedError, NotFoundError: as in `change_category`.
        ContentError: it cannot be merged into that one.
        ConflictError: changed after `seen`.
    """
    tree, source = _locked(session, actor, category_id, seen)
    target = tree.by_id.get(into_id)
    problem = None
    if not tree.is_leaf(source.id):
        problem = "只能合并末级分类：它下面还有分类，请先合并或移走它们"
    elif target is None or target is source or not tree.is_leaf(target.id):
        problem = "请选择另一个末级分类"
    if problem is not None or target is None:
        raise ContentError({"into": problem or ""})
    count = session.scalar(select(func.count()).select_from(_current(source.id).subquery())) or 0
    for table, column in _references():
        session.execute(update(table).where(column == source.id).values({column.name: target.id}))
    _single_grants(session, target.id)
    before = {"code": source.code, "name": source.name, "parent_id": source.parent_id}
    session.delete(source)
    _flush(session)
    session.expire_all()
    after = {"into": target.code, "entries": count}
    subject = f"category:{category_id}"
    record(session, actor, "category_merged", subject, before=before, after=after)
    told = {"from": before["code"], "entries": count}
    record(session, actor, "category_merged", f"category:{into_id}", after=told)
    return count


def counts(session: Session) -> dict[int, int]:
    """Return how many entries are in each category now, as published or as draft."""
    listed = select(EntryListing.category_id, func.count()).group_by(EntryListing.category_id)
    both = (  # what is served under another category than what is pending
        select(EntryVersion.category_id, func.count())
        .select_from(EntryListing)
        .join(Entry, Entry.id == EntryListing.entry_id)
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .where(EntryListing.step.is_not(None), EntryVersion.category_id != EntryListing.category_id)
        .group_by(EntryVersion.category_id)
    )
    found: Counter[int] = Counter()
    for query in (listed, both):
        for category_id, count in session.execute(query):
            if category_id is not None:
                found[category_id] += count
    return found


def _locked(session: Session, actor: Actor, category_id: int, seen: int) -> tuple[Tree, Category]:
    _require(actor)
    tree = Tree(session, lock=True)
    found = tree.by_id.get(category_id)
    if found is None:
        raise NotFoundError("没有这个分类，它可能已被合并或删除")
    if found.lock_version != seen:
        raise ConflictError("您打开之后，这个分类已被别人修改")
    return tree, found


def _require(actor: Actor) -> None:
    if not actor.may(Right.MANAGE_CATEGORIES):
        raise NotAllowedError("只有热线知识管理员可以管理分类")


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError("您保存的同时，这个分类被别人修改了") from error


def _current(category_id: int) -> Any:
    """Select the codes and questions of the entries that are in the category now."""
    return (
        select(Entry.code, func.max(EntryVersion.standard_question))
        .join(
            EntryVersion,
            or_(
                Entry.published_version_id == EntryVersion.id,
                Entry.draft_version_id == EntryVersion.id,
            ),
        )
        .where(EntryVersion.category_id == category_id)
        .group_by(Entry.code)
        .order_by(Entry.code)
    )


def _require_empty(session: Session, category: Category) -> None:
    entries = session.execute(_current(category.id)).all()
    if entries:
        listed = "、".join(f"“{question}”（{code}）" for code, question in entries[:5])
        more = f"等 {len(entries)} 条" if len(entries) > 5 else ""
        raise ConflictError(f"里面还有条目：{listed}{more}。请先把它们移到别的分类，或合并这个分类")
    if session.scalar(select(Grant.id).where(Grant.category_id == category.id).limit(1)):
        raise ConflictError("有人的授权写着这个分类，请先改授权，或合并这个分类")
    for table, column in _references():
        if session.scalar(select(func.count()).select_from(table).where(column == category.id)):
            raise ConflictError("有条目的历史版本用过这个分类，不能删除；请把它合并到别的分类")


def _references() -> list[tuple[Table, Column[int]]]:
    """Return every column that names a category, also of tables made after this was written."""
    return [
        (table, column)
        for table in METADATA.sorted_tables
        if table.name != "categories"
        for column in table.columns
        if any(key.column.table.name == "categories" for key in column.foreign_keys)
    ]


def _single_grants(session: Session, category_id: int) -> None:
    """Let nobody hold the same grant twice."""
    session.expire_all()
    seen = set()
    query = select(Grant).where(Grant.category_id == category_id).order_by(Grant.id)
    for grant in session.scalars(query).all():
        key = (grant.user_id, grant.role, grant.department_id)
        if key in seen:
            session.delete(grant)
        seen.add(key)


def _checked(
    session: Session, tree: Tree, fields: Fields, changed: Category | None
) -> dict[str, Any]:
    """Return the columns' values; `changed` is the category that is to have them."""
    wanted = asdict(fields) | {"name": fields.name.strip()}
    wanted["code"] = fields.code.strip() or (
        changed.code if changed else f"c-{secrets.token_hex(6)}"
    )
    others = [one for one in tree.by_id.values() if one is not changed]
    problems: dict[str, str] = {}
    name, code, months = wanted["name"], wanted["code"], fields.review_months
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable() or SEPARATOR in name:
        problems["name"] = f"名称须为 1 到 {NAME_LENGTH} 个字，写在一行里，不含“/”"
    elif any((name, fields.parent_id) == (one.name, one.parent_id) for one in others):
        problems["name"] = f"同一个上级下面已有“{name}”，请换一个名称"
    if not CODE.fullmatch(code):
        problems["code"] = "代码须为 64 个以内的字母、数字或 . _ -，并以字母或数字开头"
    elif any(code == one.code for one in others):
        problems["code"] = f"代码“{code}”已被另一个分类使用，请换一个"
    if not 0 <= fields.position <= 9999:
        problems["position"] = "排序号须为 0 到 9999 的整数"
    if months is not None and not 1 <= months <= LONGEST_PERIOD:
        problems["review_months"] = f"复核周期须为 1 到 {LONGEST_PERIOD} 个月的整数，不填则随上级"
    misplaced = _misplaced(session, tree, fields.parent_id, changed)
    if misplaced:
        problems["parent"] = misplaced
    if problems:
        raise ContentError(problems)
    return wanted


def _misplaced(
    session: Session, tree: Tree, parent_id: int | None, moved: Category | None
) -> str | None:
    if parent_id is None or (moved is not None and parent_id == moved.parent_id):
        return None
    parent = tree.by_id.get(parent_id)
    if parent is None:
        return "没有这个上级分类，请重新选择"
    if moved is not None and parent_id in tree.below(moved.id):
        return f"“{parent.name}”是它自己或它的下级，不能作它的上级"
    used = session.scalar(
        select(EntryVersion.id).where(EntryVersion.category_id == parent_id).limit(1)
    )
    if used is not None:
        return f"“{parent.name}”里有条目，条目只能放在末级分类，请先把它们移走"
    depths = {node.category.id: node.depth for node in tree.nodes()}
    height = max((node.depth + 1 for node in tree.nodes(moved.id)), default=0) if moved else 0
    too_deep = depths[parent_id] + 1 + height >= DEEPEST
    return f"分类最多 {DEEPEST} 层，请选更上面的上级" if too_deep else None
