"""The tree of departments: moved, closed, merged with all they own; nothing is lost."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.audit.service import history
from knowledge.departments.closing import close_department, merge_department, reopen_department
from knowledge.departments.service import (
    Fields,
    change_department,
    create_department,
    department,
    department_named,
    departments,
)
from knowledge.entries.service import create, entry_coded, save_draft
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.exchange.service import apply
from knowledge.exchange.sheet import Options
from knowledge.people.actor import Actor, Right, Role, system
from knowledge.people.grants import Granting, told
from knowledge.people.service import user_named
from tests.knowledge.office import Office
from tests.knowledge.sheets import jsonl
from tests.knowledge.test_grants import Hall

CIVIL = Fields(name="民政局", code="civil", kind="bureau")


class Town(Hall):
    """The hall, with entries of the civil affairs bureau and its people."""

    def seen(self, code: str) -> int:
        with self.database.read() as session:
            return department(session, self.d[code]).lock_version

    def change(self, code: str, fields: Fields, by: Actor | None = None) -> bool:
        with self.database.write() as session:
            seen = department(session, self.d[code]).lock_version
            return change_department(session, by or system(), self.d[code], seen, fields)

    def merge(self, code: str, into: str, by: Actor | None = None) -> dict[str, int]:
        with self.database.write() as session:
            seen = department(session, self.d[code]).lock_version
            one, other = self.d[code], self.d[into]
            return merge_department(session, by or system(), one, other, seen)

    def close(self, code: str) -> None:
        with self.database.write() as session:
            close_department(session, system(), self.d[code], self.seen(code))

    def names(self) -> list[str]:
        with self.database.read() as session:
            return [one.name for one in departments(session)]


@pytest.fixture
def town(database: Any) -> Town:
    return Town(database)


def draft(town: Town, code: str = "card", owner: str = "civil") -> None:
    content = office_of(town).content()
    with town.database.write() as session:
        create(session, system(), town.d[owner], content, code=code)


def test_a_merger_moves_entries_people_grants_and_what_is_below(town: Town, tmp_path: Path) -> None:
    draft(town)
    wang = town.person("wang", Role.EDITOR, home="civil")
    both = [Granting(Role.REVIEWER, town.d["civil"]), Granting(Role.REVIEWER, town.d["tax"])]
    town.person("li", *both)
    with town.database.read() as session:
        open_in_a_browser = entry_coded(session, "card").lock_version
    assert town.merge("civil", "tax") == {"grants": 2, "entries": 1, "users": 1}
    assert town.names() == ["海沧区", "税务局", "救助科"]
    with town.database.write() as session:
        entry = entry_coded(session, "card")
        assert entry.department.code == "tax"
        assert department_named(session, "民政局").code == "tax"
        assert department_named(session, "civil").code == "tax"
        assert department(session, town.d["aid"]).parent_id == town.d["tax"]
        assert told(user_named(session, "wang").grants) == ["editor@tax"]
        assert told(user_named(session, "li").grants) == ["reviewer@tax"]
        assert entry.draft is not None
        text = office_of(town).content(answer="合并后接着改。")
        save_draft(session, town.actor("wang"), entry, text, open_in_a_browser)
        assert history(session, f"entry:{entry.id}")[-2].action == "entry_moved"
        merged = history(session, f"department:{town.d['tax']}")[0]
        assert merged.after == {
            "from": "civil", "into": "tax", "moved": {"grants": 2, "entries": 1, "users": 1},
        }  # fmt: skip
    assert not wang.may(Right.EDIT_ENTRIES, town.d["tax"])  # only from the next request on
    path = jsonl(
        tmp_path / "a.jsonl",
        {"code": "new", "standard_question": "低保怎么办？", "answer": "到窗口。",
         "department": "民政局", "category": "senior"},
        {"code": "card", "standard_question": "老年证怎么办？", "answer": "换了。",
         "department": "civil", "category": "senior"},
    )  # fmt: skip
    report = apply(town.database, system(), path, options=Options())
    assert report.wrong == ()
    with town.database.read() as session:
        assert {entry_coded(session, code).department.code for code in ("new", "card")} == {"tax"}


def office_of(town: Town) -> Office:
    office = Office.__new__(Office)
    office.leaf = town.c["senior"]
    return office


def test_mergers_one_after_the_other_lead_to_the_last(town: Town) -> None:
    town.merge("aid", "civil")
    town.merge("civil", "tax")
    with town.database.read() as session:
        assert department_named(session, "救助科").code == "tax"
    town.merge("hc", "tax")  # into one below it
    with town.database.read() as session:
        assert department(session, town.d["tax"]).parent_id is None
        assert department_named(session, "海沧区").code == "tax"
    assert town.names() == ["税务局"]
    with town.database.write() as session:
        reopen_department(session, system(), town.d["civil"], town.seen("civil"))
    with town.database.read() as session:
        assert department_named(session, "民政局").code == "civil"


def test_a_merger_that_cannot_be_changes_nothing(town: Town) -> None:
    draft(town)
    wang = town.person("wang", Role.EDITOR, home="civil")
    with pytest.raises(NotAllowedError):
        town.merge("civil", "tax", by=wang)
    with pytest.raises(ContentError, match="不能并入自己"):
        town.merge("civil", "civil")
    town.close("aid")
    with pytest.raises(ContentError, match="“救助科”已停用"):
        town.merge("civil", "aid")
    with town.database.write() as session, pytest.raises(ConflictError, match="已被别人修改"):
        merge_department(session, system(), town.d["civil"], town.d["tax"], 99)
    with town.database.read() as session:
        assert entry_coded(session, "card").department.code == "civil"


def test_what_owns_something_is_not_closed_and_a_closed_one_gives_no_rights(town: Town) -> None:
    draft(town)
    town.person("wang", Role.EDITOR, home="civil")
    with pytest.raises(ConflictError, match="1 条知识、1 位在用的人员、1 个下级部门"):
        town.close("civil")
    li = town.person("li", Granting(Role.EDITOR, town.d["hc"]))
    assert li.may(Right.EDIT_ENTRIES, town.d["aid"])
    town.close("aid")
    assert not town.actor("li").may(Right.EDIT_ENTRIES, town.d["aid"])
    assert "救助科" not in town.names()


def test_renamed_and_moved_but_never_below_itself(town: Town) -> None:
    assert town.change("civil", Fields("民政和社保局", "mz", "bureau", "0592-6051234", None, 3))
    assert not town.change("civil", Fields("民政和社保局", "mz", "bureau", "0592-6051234", None, 3))
    assert town.names() == ["海沧区", "税务局", "民政和社保局", "救助科"]
    for parent in ("civil", "aid"):
        with pytest.raises(ContentError, match="是它自己或它的下级"):
            town.change("civil", Fields("民政局", parent_id=town.d[parent]))
    with town.database.read() as session:
        newest = history(session, f"department:{town.d['civil']}")
    assert [one.action for one in newest] == ["department_changed"]
    assert newest[0].before is not None
    assert newest[0].before["name"] == "民政局"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (Fields(" "), "name"),
        (Fields("名" * 65), "name"),
        (Fields("两\n行"), "name"),
        (Fields("税务局"), "name"),
        (Fields("水务局", code="tax"), "code"),
        (Fields("水务局", code="a b"), "code"),
        (Fields("水务局", kind="ministry"), "kind"),
        (Fields("水务局", phone="找小王"), "phone"),
        (Fields("水务局", position=-1), "position"),
        (Fields("水务局", parent_id=99), "parent"),
    ],
)
def test_a_bad_department_is_not_made(town: Town, fields: Fields, field: str) -> None:
    with town.database.write() as session, pytest.raises(ContentError) as caught:
        create_department(session, system(), fields)
    assert list(caught.value.problems) == [field]


def test_the_tree_does_not_grow_deeper_than_can_be_shown(town: Town) -> None:
    parent = town.d["aid"]
    with town.database.write() as session:
        for number in range(5):
            fields = Fields(f"第{number}层", parent_id=parent)
            parent = create_department(session, system(), fields).id
        with pytest.raises(ContentError, match="最多 8 层"):
            create_department(session, system(), Fields("太深", parent_id=parent))
        above = create_department(session, system(), Fields("厦门市")).id
    with pytest.raises(ContentError, match="最多 8 层"):
        town.change("hc", Fields("海沧区", "hc", parent_id=above))
