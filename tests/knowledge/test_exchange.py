"""Excel, CSV and JSONL in and out: all or nothing, nothing lost, nothing executed."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.lists import Filter, entries
from knowledge.exchange import columns as c
from knowledge.exchange.planning import Change
from knowledge.exchange.reading import ExchangeError
from knowledge.exchange.service import export_entries, import_entries
from knowledge.feed.service import head
from knowledge.people.actor import system

ACTOR = system()


@pytest.fixture
def base(database: Database) -> Database:
    with database.write() as session:
        add_department(session, code="d", name="民政局")
        add_category(session, code="c", name="办事")
    return database


def row(question: str, **changed: str) -> dict[str, str]:
    return {
        c.QUESTION: question,
        c.ANSWER: "答案",
        c.DEPARTMENT: "民政局",
        c.CATEGORY: "办事",
    } | changed


def sheet(path: Path, *rows: dict[str, str]) -> Path:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    names = list(rows[0])
    page.append(names)
    for one in rows:
        page.append([one[name] for name in names])
    book.save(path)
    return path


def count(database: Database) -> int:
    with database.read() as session:
        return entries(session, Filter()).total


@pytest.mark.parametrize("kind", ["xlsx", "csv", "jsonl"])
def test_the_round_trip_changes_nothing(base: Database, tmp_path: Path, kind: str) -> None:
    first = sheet(
        tmp_path / "a.xlsx",
        row("怎么办老年证？", **{c.SIMILAR: "老年证\n办老人卡", c.UNTIL: "2030年1月2日"}),
        row(
            "补贴发多少？",
            **{c.SIMILAR: "", c.UNTIL: "", c.ANSWER: "'+86 开头\n- 第一\n=1+1 不是公式"},
        ),
    )
    plan = import_entries(base, ACTOR, first)
    assert plan.count(Change.NEW) == 2
    with base.read() as session:
        before = head(session).revision
    path = tmp_path / f"out.{kind}"
    assert export_entries(base, path) == 2
    again = import_entries(base, ACTOR, path)
    assert again.wrong == []
    assert again.count(Change.UNCHANGED) == 2
    with base.read() as session:
        assert head(session).revision == before
    with pytest.raises(ExchangeError, match="已经存在"):
        export_entries(base, path)


def test_one_wrong_row_and_nothing_is_written(base: Database, tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.xlsx",
        row("好的问题？"),
        row("没有部门的？", **{c.DEPARTMENT: "不存在局"}),
        row("好的问题？"),
        row("没有答案？", **{c.ANSWER: ""}),
    )
    wrong = import_entries(base, ACTOR, path).wrong
    assert [(one.row, one.column) for one in wrong] == [
        (3, c.DEPARTMENT),
        (4, c.QUESTION),
        (5, c.ANSWER),
    ]
    assert "第 2 行" in wrong[1].reason
    assert "民政局" in wrong[0].reason
    assert count(base) == 0


def test_formulas_are_refused(base: Database, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", row("问？", **{c.ANSWER: '=HYPERLINK("http://x")'}))
    wrong = import_entries(base, ACTOR, path).wrong
    assert wrong[0].column == c.ANSWER
    assert "公式" in wrong[0].reason


def test_exported_text_is_no_formula_to_excel(base: Database, tmp_path: Path) -> None:
    data = {"question": "问？", "answer": "=1+1", "department": "民政局", "category": "办事"}
    (tmp_path / "a.jsonl").write_text(json.dumps(data), encoding="utf-8")
    import_entries(base, ACTOR, tmp_path / "a.jsonl")
    export_entries(base, tmp_path / "o.xlsx")
    export_entries(base, tmp_path / "o.csv")
    page = openpyxl.load_workbook(tmp_path / "o.xlsx").worksheets[0]
    assert page.cell(2, 5).data_type == "s"
    assert "'=1+1" in (tmp_path / "o.csv").read_text(encoding="utf-8-sig")


def test_what_cannot_be_read_is_named(base: Database, tmp_path: Path) -> None:
    cases: list[tuple[str, bytes, str]] = [
        ("a.xlsx", b"not a zip", "不是有效的 Excel"),
        ("a.jsonl", b'{"question": "a"}\n{oops', "第 2 行不是有效的 JSON"),
        ("b.csv", "标准问,答案\na,b".encode(), "缺少列：责任部门、分类"),
        ("c.csv", "标准问,答安\na,b".encode(), "不认识的列：答安"),
        ("d.csv", "标准问,答案,责任部门,分类\n".encode(), "没有任何条目"),
        ("e.txt", b"x", "不认识 e.txt 的格式"),
    ]
    for name, content, words in cases:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ExchangeError, match=words):
            import_entries(base, ACTOR, tmp_path / name)
    assert count(base) == 0


def test_a_zip_bomb_is_refused_before_it_is_unpacked(base: Database, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 * 2**20))
    with pytest.raises(ExchangeError, match="压缩炸弹"):
        import_entries(base, ACTOR, path)


def test_a_chinese_csv_of_old_excel_is_understood(base: Database, tmp_path: Path) -> None:
    text = "标准问,答案,责任部门,分类\n怎么办？,这样办,民政局,办事\n"
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    assert import_entries(base, ACTOR, tmp_path / "a.csv").count(Change.NEW) == 1


def test_five_thousand_rows(base: Database, tmp_path: Path) -> None:
    lines = [
        {"question": f"第{n}号事项怎么办？", "answer": "答", "department": "d", "category": "c"}
        for n in range(5000)
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert import_entries(base, ACTOR, path).count(Change.NEW) == 5000
    assert count(base) == 5000
