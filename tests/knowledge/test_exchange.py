"""Import: a department hands in a file, and the base takes all of it or nothing."""

from datetime import date, datetime
from pathlib import Path

import pytest

from knowledge.categories.service import leaf_paths
from knowledge.database import Database
from knowledge.departments.service import departments
from knowledge.entries.content import EntryContent
from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded, save_draft
from knowledge.entries.versions import content_of
from knowledge.errors import NotAllowedError
from knowledge.exchange.plan import Change
from knowledge.exchange.planning import plan
from knowledge.exchange.reading import read_rows
from knowledge.exchange.service import apply, check
from knowledge.exchange.sheet import Options
from knowledge.people.actor import Actor, Role
from tests.knowledge.sheets import (
    ACTOR,
    counts,
    csv_file,
    founded,
    jsonl,
    put,
    row,
    told,
    traces,
    xlsx,
)


@pytest.fixture
def base(database: Database) -> Database:
    return founded(database)


def entry(base: Database, code: str) -> Entry:
    with base.read() as session:
        found = entry_coded(session, code)
        for version in (found.published, found.draft):
            if version is not None:
                content_of(version)  # loads the phrasings before the session ends
        return found


def served(base: Database, code: str) -> EntryContent:
    version = entry(base, code).published
    assert version is not None
    return content_of(version)


def test_every_column_arrives(base: Database, tmp_path: Path) -> None:
    full = row(
        "高龄津贴怎么领？",
        编号="mz-1",
        相似问="高龄津贴\r\n\n八十岁补贴",
        负例问="低保怎么领",
        口播答案="到社区领。",
        分类="补贴",
        发文单位="市民政局",
        办理依据="民发〔2020〕1号",
        适用区域="海沧区",
        适用对象="个人",
        有效期起=datetime(2026, 3, 1),  # noqa: DTZ001 - as Excel stores a day
        有效期止="2027年3月1日",
        办理材料="身份证\r\n照片",
        办理流程="1. 取号\n2、交材料",
        收费标准="不收费",
        办理时限="5 个工作日",
        办理地点="社区",
        关键词="津贴,高龄、八十",
        状态="发布",
        常问="是",
    )
    assert counts(put(base, xlsx(tmp_path / "a.xlsx", full))) == (1, 0, 0)
    content = served(base, "mz-1")
    assert content.similar_questions == ("高龄津贴", "八十岁补贴")
    assert content.materials == ("身份证", "照片")
    assert content.steps == ("取号", "交材料")
    assert (content.fees, content.time_limit) == ("不收费", "5 个工作日")
    assert content.places == ("社区",)
    assert content.keywords == ("津贴", "高龄", "八十")
    assert content.negative_questions == ("低保怎么领",)
    assert content.spoken_answer == "到社区领。"
    assert (content.issuing_body, content.legal_basis) == ("市民政局", "民发〔2020〕1号")
    assert (content.region, content.audience) == ("海沧区", ("个人",))
    assert (content.valid_from, content.valid_until) == (date(2026, 3, 1), date(2027, 3, 1))
    assert entry(base, "mz-1").featured
    with base.read() as session:
        assert leaf_paths(session)[content.category_id] == "办事/补贴"


def test_a_draft_is_not_served_until_the_file_says_so(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("问一？", 编号="a", 状态="草稿")))
    assert entry(base, "a").published is None
    report = put(base, xlsx(tmp_path / "a.xlsx", row("问一？", 编号="a", 状态="发布")))
    assert counts(report) == (0, 1, 0)
    assert served(base, "a").standard_question == "问一？"


def test_nothing_is_written_when_one_row_is_wrong(base: Database, tmp_path: Path) -> None:
    before = traces(base)
    path = xlsx(
        tmp_path / "a.xlsx",
        row("好的问题？"),
        row("没有这个部门？", 责任部门="天文局"),
        row("没有答案？", 答案=" "),
        row("分类不是末级？", 分类="办事"),
        row("太长" + "长" * 200),
    )
    report = put(base, path)
    assert told(report) == [
        "第 3 行“责任部门”填的“天文局”没有这个部门，请改成现有的部门：民政局、医保局",
        "第 4 行“答案”是空的，请填写（合并的单元格请先取消合并）",
        "第 5 行“分类”填的“办事”不是末级分类，请改成末级分类：办事/证件、办事/补贴",
        "第 6 行“标准问”有 202 个字，最多 128 个，请缩短",
    ]
    assert not report.written
    assert traces(base) == before


def test_the_same_question_twice_is_refused(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("低保怎么领？", 编号="mz-1")))
    path = xlsx(
        tmp_path / "b.xlsx",
        row("居住证怎么办？"),
        row("居住证，怎么办"),
        row("低保怎么领", 责任部门="医保局"),
        row("低保怎么领", 编号="mz-2"),
    )
    mend = "请合并，或改写其中一个"
    assert told(put(base, path)) == [
        f"第 3 行“标准问”是重复的标准问（第 2 行已有），{mend}",
        f"第 4 行“标准问”是重复的标准问（“民政局”的条目 mz-1 已有），{mend}",
        f"第 5 行“标准问”是重复的标准问（第 4 行已有），{mend}",
    ]


def test_the_same_entry_twice_is_refused(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("低保怎么领？", 编号="a")))
    path = xlsx(
        tmp_path / "b.xlsx",
        row("低保怎么领？", 编号="a"),
        row("改了问法？", 编号="a"),
        row("低保怎么领？"),
    )
    assert told(put(base, path)) == [
        "第 3 行“编号”与第 2 行相同，请留下一行，或改写编号",
        "第 4 行“标准问”与第 2 行是同一条目（编号 a），请只留一行",
    ]


def test_two_entries_may_swap_their_questions(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("问甲？", 编号="a"), row("问乙？", 编号="b")))
    path = xlsx(tmp_path / "a.xlsx", row("问乙？", 编号="a"), row("问甲？", 编号="b"))
    assert counts(put(base, path)) == (0, 2, 0)
    assert served(base, "a").standard_question == "问乙？"


def test_without_a_code_the_question_finds_the_entry(base: Database, tmp_path: Path) -> None:
    put(base, csv_file(tmp_path / "a.csv", row("低保怎么领？", 编号="a")))
    report = put(base, csv_file(tmp_path / "b.csv", row("低保 怎么领", 答案="新的答案")))
    assert counts(report) == (0, 1, 0)
    assert served(base, "a").answer == "新的答案"


def test_a_column_left_out_leaves_the_entry_alone(base: Database, tmp_path: Path) -> None:
    put(base, jsonl(tmp_path / "a.jsonl", row("问？", 编号="a", 口播答案="口播", 常问="是")))
    put(base, jsonl(tmp_path / "a.jsonl", row("问？", 编号="a", 答案="新答案")))
    assert served(base, "a").spoken_answer == "口播"
    assert entry(base, "a").featured
    put(base, jsonl(tmp_path / "a.jsonl", row("问？", 编号="a", 口播答案="", 常问=False)))
    assert served(base, "a").spoken_answer == ""
    assert not entry(base, "a").featured


def test_an_import_does_not_move_an_entry_to_another_department(
    base: Database, tmp_path: Path
) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("问？", 编号="a")))
    report = put(base, xlsx(tmp_path / "a.xlsx", row("问？", 编号="a", 责任部门="医保局")))
    assert told(report) == [
        "第 2 行“责任部门”与已有条目不同（编号 a 属于“民政局”），"
        "导入不能改责任部门，请改回去，或换一个编号"
    ]


def test_an_import_does_not_overwrite_a_draft_that_waits(base: Database, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？", 编号="a"))
    put(base, path)
    with base.write() as session:
        found = entry_coded(session, "a")
        assert found.published is not None
        mine = content_of(found.published)
        mine = EntryContent(**{**vars(mine), "answer": "同事正在改"})
        save_draft(session, ACTOR, found, mine, found.lock_version)
    assert counts(put(base, path)) == (0, 0, 1)
    report = put(base, xlsx(tmp_path / "b.xlsx", row("问？", 编号="a", 答案="另一个答案")))
    assert "还没发布的修改" in told(report)[0]
    report = put(base, xlsx(tmp_path / "c.xlsx", row("问？", 编号="a", 答案="同事正在改")))
    assert counts(report) == (0, 1, 0)
    assert served(base, "a").answer == "同事正在改"


def test_an_editor_imports_only_for_the_own_department(base: Database, tmp_path: Path) -> None:
    with base.read() as session:
        mine = next(one.id for one in departments(session) if one.name == "医保局")
    editor = Actor(1, "小王", department_id=mine, roles=frozenset({Role.EDITOR}))
    path = xlsx(tmp_path / "a.xlsx", row("问一？", 责任部门="医保局"), row("问二？"))
    report = apply(base, editor, path)
    assert told(report) == ["第 3 行“责任部门”不是您可以修改的部门，请删去这一行"]
    own = row("问？", 编号="own", 责任部门="医保局")
    assert apply(base, editor, xlsx(tmp_path / "b.xlsx", own)).written
    with base.read() as session:  # a person's rows are drafts: they go through the review
        entry = entry_coded(session, "own")
        assert (entry.published, entry.draft is not None) == (None, True)
    with pytest.raises(NotAllowedError):
        apply(base, editor, path, options=Options(create_departments=True))


def test_missing_departments_and_categories_are_created_on_request(
    base: Database, tmp_path: Path
) -> None:
    new = row("问一？", 责任部门="水务局", 分类="生活 / 用水/报修")
    path = xlsx(tmp_path / "a.xlsx", new, row("问二？", 责任部门="水务局", 分类="办事/证件"))
    assert [wrong.column for wrong in put(base, path).wrong] == ["责任部门", "分类", "责任部门"]
    report = put(base, path, create_departments=True, create_categories=True)
    assert report.added == ("部门“水务局”", "分类“生活/用水/报修”")
    assert counts(report) == (2, 0, 0)
    bad = xlsx(tmp_path / "b.xlsx", row("问三？", 责任部门="新局", 分类="办事/证件/更细"))
    report = put(base, bad, create_departments=True, create_categories=True)
    assert [wrong.column for wrong in report.wrong] == ["分类"]
    with base.read() as session:
        assert [one.name for one in departments(session)] == ["民政局", "医保局", "水务局"]
        assert "生活/用水/报修" in leaf_paths(session).values()


def test_a_file_without_departments_takes_the_default(base: Database, tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "a.jsonl",
        {"id": "x_1", "standard_question": "问？", "similar_questions": ["怎么问"],
         "answer": "答", "area": "广东省", "audience": ["自然人", "企业法人"], "source": "网"},
    )  # fmt: skip
    report = put(base, path, department="yibao", category="补贴")
    assert counts(report) == (1, 0, 0)
    assert report.notices == ("没有导入这些列：source",)
    assert served(base, "x_1").region == "广东省"
    assert served(base, "x_1").audience == ("个人", "企业")


def test_a_check_says_what_would_happen_and_writes_nothing(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("问一？", 编号="a")))
    before = traces(base)
    path = xlsx(tmp_path / "b.xlsx", row("问一？", 编号="a"), row("问二？", 责任部门="水务局"))
    report = check(base, ACTOR, path, Options(create_departments=True))
    assert counts(report) == (1, 0, 1)
    assert not report.written
    assert traces(base) == before
    with base.read() as session:
        judged = plan(session, read_rows(tmp_path / "a.xlsx"))
    assert [step.change for step in judged.steps] == [Change.UNCHANGED]
