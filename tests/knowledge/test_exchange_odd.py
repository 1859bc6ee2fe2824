"""Files as people really send them: odd encodings, merged cells, hidden sheets, no end of rows."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.database import Database
from knowledge.entries.content import EntryContent, checked
from knowledge.errors import ContentError
from knowledge.exchange import reading
from knowledge.exchange.columns import COLUMNS
from knowledge.exchange.export import export
from knowledge.exchange.planning import plan
from knowledge.exchange.reading import read_rows
from knowledge.exchange.service import apply, check
from knowledge.exchange.sheet import Options
from knowledge.exchange.template import write_template
from knowledge.exchange.writing import WRITERS
from knowledge.exchange.xlsx_file import lines as xlsx_lines
from tests.knowledge.sheets import ACTOR, counts, csv_file, founded, put, row, told, xlsx


@pytest.fixture
def base(database: Database) -> Database:
    return founded(database)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_and_separators_of_excel(tmp_path: Path, encoding: str, separator: str) -> None:
    good = row("怎么办；老年证, 㐀？" if encoding == "gb18030" else "怎么办；老年证,？")
    told = io.StringIO(newline="")
    writer = csv.DictWriter(told, list(good), delimiter=separator)
    writer.writeheader()
    writer.writerow(good)
    path = tmp_path / "a.csv"
    path.write_bytes(told.getvalue().encode(encoding))
    (found,) = read_rows(path).rows
    assert found.cells["standard_question"] == good["标准问"]
    assert found.cells["category"] == "办事/证件"


def test_the_line_with_which_excel_names_its_separator(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "sep=;\r\n标准问;答案;责任部门;分类\r\n问？;答;民政局;证件\r\n"
    path.write_text(text, encoding="utf-8-sig", newline="")
    sheet = read_rows(path)
    assert (sheet.header, [one.number for one in sheet.rows]) == (2, [3])


def test_a_merged_cell_counts_once_and_the_others_are_named(base: Database, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", *(row(f"第{n}问？") | {"编号": f"k-{n}"} for n in range(3)))
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("E2:E4")  # the department, over three rows
    book.save(path)
    sheet = read_rows(path)
    report = check(base, ACTOR, path)
    assert [(one.row, sheet.cell(one.row, one.column)) for one in report.wrong] == [
        (3, "E3"), (4, "E4"),
    ]  # fmt: skip
    assert "和 E2 合并了，内容只算在 E2 里" in told(report)[0]
    assert "取消合并" in told(report)[0]


def test_a_merged_cell_that_may_be_empty_is_not_taken_for_empty(
    base: Database, tmp_path: Path
) -> None:
    rows = [row(f"第{n}问？", 办理依据="国发1号") for n in range(2)]
    path = xlsx(tmp_path / "a.xlsx", *rows)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("G2:G3")
    book.save(path)
    assert [one.column for one in check(base, ACTOR, path).wrong] == ["办理依据"]


def test_a_formula_is_never_evaluated_and_named_by_cell(base: Database, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？") | {"答案": '=HYPERLINK("http://x")'})
    report = check(base, ACTOR, path)
    assert "是公式" in told(report)[0]
    assert read_rows(path).cell(2, report.wrong[0].column) == "D2"


def test_hidden_sheets_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？"))
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("旧数据", 0)
    hidden.append(["不该读到"])
    hidden.sheet_state = "veryHidden"
    book.active = 1
    book.save(path)
    sheet = read_rows(path)
    assert len(sheet.rows) == 1
    assert sheet.notices == ("没有读取隐藏的工作表 “旧数据”",)


def test_a_million_empty_rows_end_the_table(
    base: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？"))
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 1_000_003))
    with rewritten(path, empty):
        seen: list[int] = []

        def counted(*given: Any) -> Iterator[Any]:
            for number, cells in xlsx_lines(*given):
                seen.append(number)
                yield number, cells

        monkeypatch.setattr("knowledge.exchange.reading.xlsx_lines", counted)
        sheet = read_rows(path)
    assert len(sheet.rows) == 1
    assert len(seen) < reading.EMPTY_ROWS + 10  # not a million
    assert "第 2 行以后连着 50000 多行是空的" in sheet.notices[0]


@contextmanager
def rewritten(path: Path, rows: str) -> Iterator[None]:
    """Put rows at the end of the sheet, as they stand in the file."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            more = rows.encode() if name.endswith("sheet1.xml") else b""
            new.writestr(name, body.replace(b"</sheetData>", more + b"</sheetData>"))
    yield


def test_the_sheet_of_another_city_is_understood(base: Database, tmp_path: Path) -> None:
    theirs = {
        "知识分类": "办事/证件",
        "标题": "老年证怎么办理？",
        "内容": "带身份证到窗口。",
        "发布单位": "市民政局",
        "资料类型": "办事指南",
    }
    path = csv_file(tmp_path / "信阳.csv", theirs, encoding="gbk")
    report = put(base, path, department="民政局")
    assert counts(report) == (1, 0, 0)
    assert any("资料类型" in notice for notice in report.notices)
    long = csv_file(tmp_path / "b.csv", theirs | {"标题": "长" * 129})
    (wrong,) = check(base, ACTOR, long, Options(department="民政局")).wrong
    assert "有 129 个字，最多 128 个" in str(wrong)


def test_our_template_is_read_without_a_word(base: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_template(path, ["民政局"], ["办事/证件"])
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    for place, column in enumerate(COLUMNS, start=1):
        value = row("模板里写的？").get(column.title)
        page.cell(2, place, value or None)
    book.save(path)
    assert read_rows(path).notices == ()
    assert counts(put(base, path)) == (1, 0, 0)


odd = st.text(
    st.one_of(
        st.sampled_from("=+-@'\"\t\n,;_x000D_＝＋－＠😀👨‍👩‍👧㐀\u2028\x85 ，。#"),
        st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")),
    ),
    max_size=40,
)
contents = st.builds(
    EntryContent,
    standard_question=odd.map(lambda text: f"{text}问"),
    answer=st.one_of(odd.map(lambda text: f"{text}答"), st.just("长" * 8000)),
    category_id=st.just(1),
    similar_questions=st.lists(odd, max_size=3).map(tuple),
    spoken_answer=odd,
    issuing_body=odd,
    legal_basis=odd,
    region=odd,
    valid_from=st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    valid_until=st.none() | st.dates(date(2020, 1, 1), date(2199, 12, 31)),
)


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".jsonl"])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(content=contents)
def test_whatever_an_entry_says_comes_back_from_the_file(
    tmp_path: Path, kind: str, content: EntryContent
) -> None:
    from knowledge.exchange.planning import _CONTENT

    try:
        content = checked(content)
    except ContentError:
        return
    told = {one.name: getattr(content, one.name) for one in fields(content)}
    del told["category_id"]
    record = told | {
        "code": "k-1", "department": "甲", "category": "乙", "state": "草稿", "featured": False,
    }  # fmt: skip
    path = tmp_path / f"a{kind}"
    WRITERS[kind](path, [record])
    (found,) = read_rows(path).rows
    back = {name: convert(found.cells.get(name)) for name, convert in _CONTENT.items()}
    assert checked(EntryContent(category_id=1, **back)) == content


def test_only_writing_holds_the_lock(base: Database, tmp_path: Path) -> None:
    """While a file is compared and prepared, others write."""
    path = xlsx(tmp_path / "a.xlsx", *(row(f"第{n}问？") for n in range(5)))
    order: list[str] = []
    writing = base.write

    @contextmanager
    def watched() -> Iterator[Any]:
        order.append("write")
        with writing() as session:
            yield session

    base.write = watched  # type: ignore[method-assign]
    compared = plan

    def planned(*given: Any, **more: Any) -> Any:
        order.append("plan")
        return compared(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.exchange.service.plan", planned)
        assert counts(apply(base, ACTOR, path)) == (5, 0, 0)
    assert order == ["plan", "write"]


def test_a_change_between_comparing_and_writing_is_seen(base: Database, tmp_path: Path) -> None:
    put(base, xlsx(tmp_path / "a.xlsx", row("甲问？", 编号="k-1", 状态="草稿")))
    path = xlsx(tmp_path / "b.xlsx", row("甲问？", 编号="k-1", 状态="草稿", 答案="文件里的。"))
    other = xlsx(tmp_path / "c.xlsx", row("丙问？", 编号="k-2", 状态="草稿"))
    compared = plan
    seen: list[int] = []

    def planned(*given: Any, **more: Any) -> Any:
        found = compared(*given, **more)
        seen.append(1)
        if len(seen) == 1:  # somebody else is quicker
            with pytest.MonkeyPatch.context() as inner:
                inner.setattr("knowledge.exchange.service.plan", compared)
                put(base, other)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.exchange.service.plan", planned)
        assert counts(apply(base, ACTOR, path)) == (0, 1, 0)
    assert len(seen) == 2  # compared anew
    export(base, tmp_path / "out.xlsx")
    codes = [one.cells["code"] for one in read_rows(tmp_path / "out.xlsx").rows]
    assert codes == ["k-1", "k-2"]
