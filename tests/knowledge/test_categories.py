"""The category tree: what the hotline's manager changes, and what stays."""

import pytest

from knowledge.categories.keeping import (
    Fields,
    change_category,
    create_category,
    delete_category,
    merge_category,
)
from knowledge.categories.models import Category
from knowledge.categories.service import leaf_paths
from knowledge.categories.tree import review_months
from knowledge.database import Database
from knowledge.entries.service import create, entry_coded
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.people.actor import Actor, Role, system
from knowledge.people.grants import Granting, told
from knowledge.people.service import user_named
from tests.knowledge.office import Office
from tests.knowledge.test_grants import Hall

MANAGER = Actor(7, "陈管理", None, frozenset({Role.MANAGER}))


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)


def draft(hall: Hall, category: str) -> None:
    office = Office.__new__(Office)
    office.leaf = hall.c[category]
    with hall.database.write() as session:
        create(session, system(), hall.d["civil"], office.content(), code="card")


def seen(hall: Hall, category: str) -> int:
    with hall.database.read() as session:
        return session.get_one(Category, hall.c[category]).lock_version


def change(hall: Hall, category: str, fields: Fields, by: Actor = MANAGER) -> bool:
    with hall.database.write() as session:
        return change_category(session, by, hall.c[category], seen(hall, category), fields)


def test_the_review_period_comes_from_above_unless_it_is_said(hall: Hall) -> None:
    change(hall, "top", Fields("办事", "top", review_months=12))
    change(hall, "papers", Fields("证件", "papers", hall.c["top"], review_months=6))
    with hall.database.read() as session:
        found = review_months(session)
    assert {code: found[one] for code, one in hall.c.items()} == {
        "top": 12, "papers": 6, "senior": 6, "money": 12,
    }  # fmt: skip
    with pytest.raises(ContentError, match="1 到 60 个月"):
        change(hall, "top", Fields("办事", "top", review_months=0))


def test_what_holds_entries_is_not_deleted_and_no_leaf_becomes_a_branch(hall: Hall) -> None:
    draft(hall, "money")
    with hall.database.write() as session:
        with pytest.raises(ConflictError, match="“老年证怎么办？”（card）"):
            delete_category(session, MANAGER, hall.c["money"], seen(hall, "money"))
        with pytest.raises(ConflictError, match="下面还有分类"):
            delete_category(session, MANAGER, hall.c["papers"], seen(hall, "papers"))
        with pytest.raises(ContentError, match="里有条目"):
            create_category(session, MANAGER, Fields("高龄补贴", parent_id=hall.c["money"]))
    with pytest.raises(ContentError, match="里有条目"):
        change(hall, "senior", Fields("老年证", "senior", hall.c["money"]))
    with hall.database.write() as session:
        delete_category(session, MANAGER, hall.c["senior"], seen(hall, "senior"))
        assert list(leaf_paths(session).values()) == ["办事/证件", "办事/补贴"]


def test_a_merger_moves_entries_and_grants(hall: Hall) -> None:
    draft(hall, "money")
    civil = hall.d["civil"]
    hall.person(
        "wang",
        Granting(Role.EDITOR, civil, hall.c["money"]),
        Granting(Role.EDITOR, civil, hall.c["senior"]),
    )
    with hall.database.write() as session:
        merge = (session, MANAGER, hall.c["money"])
        with pytest.raises(ContentError, match="另一个末级分类"):
            merge_category(*merge, hall.c["papers"], seen(hall, "money"))
        assert merge_category(*merge, hall.c["senior"], seen(hall, "money")) == 1
    with hall.database.read() as session:
        entry = entry_coded(session, "card")
        assert entry.draft is not None
        assert leaf_paths(session)[entry.draft.category_id] == "办事/证件/老年证"
        assert told(user_named(session, "wang").grants) == ["editor@civil#senior"]


def test_moved_but_never_below_itself_and_names_are_single_among_siblings(hall: Hall) -> None:
    assert change(hall, "papers", Fields("证件", "papers", None, 5))
    with pytest.raises(ContentError, match="是它自己或它的下级"):
        change(hall, "papers", Fields("证件", "papers", hall.c["senior"]))
    with pytest.raises(ContentError, match="已有“证件”"):
        change(hall, "top", Fields("证件", "top"))
    with pytest.raises(ContentError, match="不含“/”"):
        change(hall, "top", Fields("办事/证件", "top"))
    with hall.database.read() as session:
        assert list(leaf_paths(session).values()) == ["办事/补贴", "证件/老年证"]


def test_only_the_manager_of_the_whole_hotline_keeps_the_tree(hall: Hall) -> None:
    part = hall.person("part", Granting(Role.MANAGER, 0, hall.c["papers"]))
    admin = hall.person("root", Role.ADMINISTRATOR)
    for person in (part, admin):
        with pytest.raises(NotAllowedError):
            change(hall, "papers", Fields("证照", "papers", hall.c["top"]), person)


def test_the_second_of_two_managers_is_told(hall: Hall) -> None:
    before = seen(hall, "top")
    change(hall, "top", Fields("办理", "top"))
    with hall.database.write() as session, pytest.raises(ConflictError, match="已被别人修改"):
        change_category(session, MANAGER, hall.c["top"], before, Fields("事项", "top"))
