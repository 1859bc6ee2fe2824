"""How a matter is handled, and keywords: what editors type becomes what pages can list."""

import pytest

from knowledge.database import Database
from knowledge.entries.content import EntryContent, checked
from knowledge.entries.differences import LABELS
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.errors import ContentError
from tests.knowledge.office import Office


def content(**changed: object) -> EntryContent:
    return EntryContent(**{"standard_question": "身份证丢了怎么补？", "answer": "到窗口补。",
                           "category_id": 1} | changed)  # type: ignore[arg-type]  # fmt: skip


def test_lines_are_tidied_and_steps_lose_their_own_numbers() -> None:
    tidy = checked(
        content(
            materials=("  身份证   原件", "", "1.5 寸照片", "2 张照片"),
            steps=(
                "1. 取号",
                "2、交材料",
                "（3）领证",
                "第四步：签字",
                "3 日后来取",
                "10.5 元缴费",
            ),
            keywords=("补办，身份证", "补办", "ID card、id CARD"),
            fees=" 20 元\r\n加急 40 元 ",
        )
    )
    assert tidy.materials == ("身份证 原件", "1.5 寸照片", "2 张照片")
    assert tidy.steps == ("取号", "交材料", "领证", "签字", "3 日后来取", "10.5 元缴费")
    assert tidy.keywords == ("补办", "身份证", "id CARD")
    assert tidy.fees == "20 元\n加急 40 元"
    assert checked(tidy) == tidy


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("materials", tuple(f"第 {n} 份" for n in range(41)), "最多 40 行"),
        ("steps", ("一", "长" * 301), "第 2 行超过 300"),
        ("places", ("大厅\u202e9001",), "控制字符"),
        ("fees", "元" * 501, "最多 500"),
        ("time_limit", "日" * 301, "最多 300"),
        ("keywords", tuple(f"词{n}" for n in range(11)), "最多 10 个"),
        ("keywords", ("长" * 21,), "超过 20 个字"),
        ("keywords", ("身份证丢了怎么补",), "和标准问相同"),
        ("answer", f"![ ](/pictures/{'0' * 64})", "没有说明"),
        ("answer", "[视频：三步](http://v.example/1)", "https://"),
        ("answer", "[视频：三步](javascript:x)", "https://"),
    ],
)
def test_what_breaks_a_rule_is_named(field: str, value: object, told: str) -> None:
    with pytest.raises(ContentError) as error:
        checked(content(**{field: value}))
    assert told in error.value.problems[field]


def test_every_version_keeps_its_own(database: Database) -> None:
    office = Office(database)
    office.draft(materials=("身份证",), places=("大厅，0592-6051234",), keywords=("老人",))
    office.publish()
    office.save(steps=("取号",), time_limit="当场")
    with database.read() as session:
        entry = entry_coded(session, "card")
        assert entry.published is not None
        assert entry.draft is not None
        before, after = content_of(entry.published), content_of(entry.draft)
    assert (before.materials, before.steps, before.keywords) == (("身份证",), (), ("老人",))
    assert (after.materials, after.steps, after.time_limit) == ((), ("取号",), "当场")


def test_every_field_is_compared() -> None:
    assert set(vars(content())) == set(LABELS)
