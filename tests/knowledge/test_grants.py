"""Grants: a role for a department and all below it, in a category and all below it."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, text

from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.database.migrate import downgrade, upgrade
from knowledge.departments.service import add_department, department_named
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.people.actor import Actor, Reach, Right, Role, system
from knowledge.people.grants import Granting, reaches_of, told
from knowledge.people.service import add_user, change_user, set_active, user_named

PASSWORD = "correct horse battery"


class Hall:
    """海沧区 over 民政局 (with 救助科) and 税务局; 办事 over 证件 (with 老年证) and 补贴."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as session:
            self.d = {
                code: add_department(session, code=code, name=name, kind=kind, parent=parent).id
                for code, name, kind, parent in (
                    ("hc", "海沧区", "district", None),
                    ("civil", "民政局", "bureau", "hc"),
                    ("aid", "救助科", "section", "civil"),
                    ("tax", "税务局", "bureau", "hc"),
                )
            }
            self.c = {
                code: add_category(session, code=code, name=name, parent=parent).id
                for code, name, parent in (
                    ("top", "办事", None),
                    ("papers", "证件", "top"),
                    ("senior", "老年证", "papers"),
                    ("money", "补贴", "top"),
                )
            }

    def person(self, username: str, *grants: Granting | Role, home: str | None = None) -> Actor:
        with self.database.write() as session:
            department = department_named(session, home) if home else None
            add_user(
                session,
                system(),
                username=username,
                display_name=username,
                password=PASSWORD,
                roles=grants,
                department=department,
            )
        return self.actor(username)

    def actor(self, username: str) -> Actor:
        with self.database.read() as session:
            user = user_named(session, username)
            return Actor(user.id, username, reaches=reaches_of(session, user.id))

    def regrant(self, by: Actor, username: str, *grants: Granting) -> None:
        with self.database.write() as session:
            user = user_named(session, username)
            change_user(
                session,
                by,
                user,
                user.lock_version,
                display_name=user.display_name,
                department=user.department,
                grants=grants,
            )


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)


def test_a_grant_reaches_the_whole_subtree_and_nothing_beside(hall: Hall) -> None:
    wang = hall.person("wang", Granting(Role.EDITOR, hall.d["civil"]))
    may = {code: wang.may(Right.EDIT_ENTRIES, one) for code, one in hall.d.items()}
    assert may == {"hc": False, "civil": True, "aid": True, "tax": False}
    assert wang.may(Right.READ_ENTRIES, hall.d["tax"])
    assert not wang.may(Right.REVIEW_ENTRIES, hall.d["civil"])
    with hall.database.write() as session:
        new = add_department(session, code="poor", name="低保股", parent="aid").id
    assert hall.actor("wang").may(Right.EDIT_ENTRIES, new)


def test_a_category_bounds_a_grant_and_one_grant_must_cover_both(hall: Hall) -> None:
    li = hall.person(
        "li",
        Granting(Role.EDITOR, hall.d["civil"], hall.c["papers"]),
        Granting(Role.EDITOR, hall.d["tax"], hall.c["money"]),
    )
    civil, tax = hall.d["civil"], hall.d["tax"]
    assert li.may(Right.EDIT_ENTRIES, civil)  # for some category
    assert li.may(Right.EDIT_ENTRIES, hall.d["aid"], hall.c["senior"])
    assert not li.may(Right.EDIT_ENTRIES, civil, hall.c["money"])
    assert not li.may(Right.EDIT_ENTRIES, tax, hall.c["papers"])
    assert li.may(Right.EDIT_ENTRIES, tax, hall.c["money"])
    assert hash(li) == hash(hall.actor("li"))


def test_a_manager_of_a_part_has_no_right_over_what_all_share(hall: Hall) -> None:
    part = hall.person("part", Granting(Role.MANAGER, 0, hall.c["papers"]))
    assert part.may(Right.PUBLISH_ENTRIES, hall.d["tax"], hall.c["senior"])
    assert not part.may(Right.PUBLISH_ENTRIES, hall.d["tax"], hall.c["money"])
    for right in (Right.EDIT_LEXICON, Right.MANAGE_CATEGORIES, Right.HANDLE_NOTES):
        assert not part.may(right)
        assert hall.person(right.value.replace("_", "-"), Role.MANAGER).may(right)


def test_an_actor_costs_one_query_and_with_categories_two(hall: Hall) -> None:
    both = [Granting(Role.EDITOR, hall.d["hc"]), Granting(Role.OPERATOR)]
    plain = hall.person("plain", *both).user_id
    bound = hall.person(
        "bound", *both, Granting(Role.REVIEWER, hall.d["hc"], hall.c["top"])
    ).user_id
    asked: list[str] = []
    event.listen(hall.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    for user_id, queries in ((plain, 1), (bound, 2)):
        asked.clear()
        with hall.database.read() as session:
            reaches = reaches_of(session, user_id or 0)
        assert len([one for one in asked if one != "BEGIN"]) == queries
        assert Reach(Role.OPERATOR) in reaches


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        (Granting(Role.EDITOR), "部门采编员：必须写明一个部门"),
        (Granting(Role.OPERATOR, 1), "话务员：管的是整个热线"),
        (Granting(Role.ADMINISTRATOR, 0, 1), "系统管理员：管的是整个热线"),
        (Granting(Role.REVIEWER, 99), "没有这个部门"),
        (Granting(Role.MANAGER, 0, 99), "没有这个分类"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(hall: Hall, grant: Granting, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        hall.person("wang", grant)
    with pytest.raises(ContentError, match="最多 30 项"):
        hall.person("wang", *(Granting(Role.MANAGER, number) for number in range(40)))


def test_nobody_is_left_without_an_administrator(hall: Hall) -> None:
    root = hall.person("root", Role.ADMINISTRATOR)
    editor = Granting(Role.EDITOR, hall.d["tax"])
    with pytest.raises(ContentError, match="不能取消自己的系统管理员角色"):
        hall.regrant(root, "root", editor)
    with pytest.raises(ConflictError, match="最后一位能登录的系统管理员"):
        hall.regrant(system(), "root", editor)
    with hall.database.write() as session, pytest.raises(ConflictError, match="最后一位"):
        set_active(session, system(), "root", False)
    second = hall.person("second", Role.ADMINISTRATOR)
    with hall.database.write() as session, pytest.raises(ConflictError, match="不能停用自己"):
        set_active(session, second, "second", False)
    with hall.database.write() as session:
        set_active(session, second, "root", False)
    with pytest.raises(ConflictError, match="最后一位"):
        hall.regrant(system(), "second", editor)
    assert hall.actor("second").may(Right.MANAGE_USERS)


def test_who_is_no_administrator_gives_no_grants(hall: Hall) -> None:
    wang = hall.person("wang", Granting(Role.EDITOR, hall.d["civil"]))
    manager = hall.person("chen", Role.MANAGER)
    for person in (wang, manager):
        with pytest.raises(NotAllowedError):
            hall.regrant(person, "wang", Granting(Role.ADMINISTRATOR))
    assert hall.actor("wang").roles == {Role.EDITOR}


def test_grants_alone_also_make_the_version_grow(hall: Hall) -> None:
    hall.person("wang", Granting(Role.EDITOR, hall.d["civil"]))
    with hall.database.read() as session:
        seen = user_named(session, "wang").lock_version
    hall.regrant(system(), "wang", Granting(Role.EDITOR, hall.d["tax"]))
    with hall.database.write() as session:
        user = user_named(session, "wang")
        change = partial(
            change_user,
            session,
            system(),
            user,
            seen,
            display_name="王",
            department=None,
            grants=[Granting(Role.OPERATOR)],
        )
        with pytest.raises(ConflictError, match="已被别人修改"):
            change()
    with hall.database.read() as session:
        assert told(user_named(session, "wang").grants) == ["editor@tax"]


def test_roles_of_an_older_release_become_grants_and_go_back(tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(old)
    downgrade(old, "0003")
    with old.write() as session:
        session.execute(
            text("INSERT INTO departments (id, code, name, kind) VALUES (1,'a','甲','bureau')")
        )
        for number, roles, home in (
            (1, '["editor", "operator"]', 1), (2, '["manager"]', 1), (3, '["editor"]', None),
        ):  # fmt: skip
            session.execute(
                text(
                    "INSERT INTO users (id, username, display_name, password_hash, roles,"
                    " department_id, active, created_at)"
                    " VALUES (:id, :name, 'x', 'x', :roles, :home, 1, '2026-01-01')"
                ),
                {"id": number, "name": f"u{number}", "roles": roles, "home": home},
            )
    upgrade(old)
    with old.read() as session:
        rows = session.execute(text("SELECT user_id, role, department_id FROM grants ORDER BY id"))
        assert [tuple(row) for row in rows] == [
            (1, "editor", 1), (1, "operator", None), (2, "manager", None),
        ]  # fmt: skip
    downgrade(old, "0003")
    with old.read() as session:
        rows = session.execute(text("SELECT roles FROM users ORDER BY id"))
        assert [row[0] for row in rows] == ['["editor", "operator"]', '["manager"]', "[]"]
    old.close()
