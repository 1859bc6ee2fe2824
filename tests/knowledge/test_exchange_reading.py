"""Reading: what a file may look like, and what is refused before it does harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from knowledge.exchange import bounds, cells
from knowledge.exchange.errors import CellError, ExchangeError
from knowledge.exchange.reading import read_rows
from knowledge.exchange.sheet import Options
from tests.knowledge.sheets import csv_file, jsonl, row, xlsx


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_old_and_new_excel(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path / "a.csv", row("怎么办，在哪办？", 相似问="一\n二"), encoding=encoding)
    read = read_rows(path).rows[0]
    assert read.number == 2
    assert read.cells["standard_question"] == "怎么办，在哪办？"
    assert cells.lines(read.cells["similar_questions"]) == ("一", "二")


def test_row_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    empty = dict.fromkeys(row("？"), None)
    path = xlsx(tmp_path / "a.xlsx", row("一？"), empty, row("二？"))
    assert [one.number for one in read_rows(path).rows] == [2, 4]
    text = '\n{"标准问": "一", "答案": "答", "责任部门": "局", "分类": "类"}\n\n'
    (tmp_path / "a.jsonl").write_text(text * 2, encoding="utf-8")
    assert [one.number for one in read_rows(tmp_path / "a.jsonl").rows] == [2, 5]


def test_english_and_chinese_names_everywhere(tmp_path: Path) -> None:
    header = "id,Standard_Question,答案*,department,category,area\n"
    (tmp_path / "a.csv").write_text(header + "x,问,答,局,类,市\n", encoding="utf-8")
    assert read_rows(tmp_path / "a.csv").rows[0].cells == {
        "code": "x",
        "standard_question": "问",
        "answer": "答",
        "department": "局",
        "category": "类",
        "region": "市",
    }


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", {"标准问": "问？", "答案": "答"})
    with pytest.raises(
        ExchangeError, match="缺少必填的列：“责任部门”、“分类”；找到的列：标准问、答案"
    ):
        read_rows(path)
    options = Options(department="局", category="类")
    assert read_rows(path, options).rows[0].cells["category"] == "类"


def test_a_misspelt_column_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？", 相似闻="丢了可惜"))
    with pytest.raises(ExchangeError, match="不认识的列：“相似闻”"):
        read_rows(path)
    sheet = read_rows(path, Options(ignored=("相似闻",)))
    assert sheet.notices == ("没有导入这些列：相似闻",)
    doubled = jsonl(tmp_path / "a.jsonl", {"id": "a", "code": "b"})
    with pytest.raises(ExchangeError, match="第 1 行里同一列出现了两次：“编号”"):
        read_rows(doubled)


def test_cells_outside_all_columns_are_noticed(tmp_path: Path) -> None:
    text = "标准问,答案,责任部门,分类\n问？,逗号,没有引号,局,类\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert read_rows(tmp_path / "a.csv").rows[0].surplus


def test_a_formula_is_told_from_text_that_looks_like_one(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？", 答案='=HYPERLINK("http://x.example")'))
    raw = read_rows(path).rows[0].cells["answer"]
    with pytest.raises(CellError, match="是公式，请改成文字"):
        cells.text(raw)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["D2"].data_type = "s"
    book.save(path)
    assert read_rows(path).rows[0].cells["answer"] == '=HYPERLINK("http://x.example")'


def test_only_the_first_worksheet_is_read_and_that_is_said(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("填写说明").append(["请按要求填写"])
    book.save(path)
    assert read_rows(path).notices == ("只读取了第一个工作表“Sheet”，没有读取 “填写说明”",)


def test_a_zip_bomb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "bomb.xlsx", row("问？"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * (64 * 2**20))
    with pytest.raises(ExchangeError, match="像是压缩炸弹，已拒绝打开"):
        read_rows(path)
    with zipfile.ZipFile(tmp_path / "many.xlsx", "w") as archive:
        for number in range(bounds.ZIP_MEMBERS + 1):
            archive.writestr(f"{number}.xml", b"")
    with pytest.raises(ExchangeError, match="1001 个部件"):
        read_rows(tmp_path / "many.xlsx")


FAR_COLUMNS = "".join(f'<row r="{n}"><c r="ZZZ{n}" s="1"/></row>' for n in range(2, 1500))


@pytest.mark.parametrize(
    ("start", "rows", "words"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>', "", "不是有效的 xlsx 文件"),
        ("", FAR_COLUMNS, "单元格太多"),
    ],
)
def test_a_forged_worksheet_is_refused(tmp_path: Path, start: str, rows: str, words: str) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问？"))
    forged = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                body = start + body.replace("</sheetData>", f"{rows}</sheetData>")
            new.writestr(name, body)
    with pytest.raises(ExchangeError, match=words):
        read_rows(forged)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "a.xlsx", row("问？")).read_bytes()
    for number, raw in enumerate((b"no zip", whole[: len(whole) // 2], whole[:-40])):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(raw)
        with pytest.raises(ExchangeError, match="不是有效的 xlsx 文件，或已损坏"):
            read_rows(path)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.jsonl", '{"标准问": "一"}\n{"标准问": 二}\n'.encode(), "第 2 行不是有效的 JSON"),
        ("a.jsonl", b"[1]\n", "第 1 行应是一个 JSON 对象"),
        ("a.jsonl", b'{"a": ' + b"[" * 100_000, "第 1 行不是有效的 JSON"),
        ("a.jsonl", b'{"answer": "\xff"}', "第 1 行不是 UTF-8 编码"),
        ("a.csv", b"", "空文件"),
        ("a.csv", "标准问,答案,责任部门,分类\n".encode(), "没有任何条目"),
        ("a.csv", b'a,"b\n', "引号不成对"),
        ("a.csv", b"\x81\xff\n\x80", "不是 UTF-8 或 GB18030"),
        ("a.csv", b"," * 60 + b"x\n", "超过 50 列"),
        ("a.xls", b"x", "不认识 a.xls 的格式，请用 .xlsx、.csv、.jsonl"),
    ],
)
def test_what_cannot_be_read_is_explained(
    tmp_path: Path, name: str, raw: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ExchangeError, match=words):
        read_rows(tmp_path / name)


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(bounds.FILE_BYTES + 1)
    with pytest.raises(ExchangeError, match="最多 50 MB"):
        read_rows(path)
    with pytest.raises(ExchangeError, match="文件不存在"):
        read_rows(tmp_path / "no.csv")
    line = '{"标准问": "问", "答案": "答", "责任部门": "局", "分类": "类"}\n'
    (tmp_path / "a.jsonl").write_text(line * (bounds.ROWS + 1), encoding="utf-8")
    with pytest.raises(ExchangeError, match="超过 20000 行"):
        read_rows(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    "raw",
    ["2026-03-01", "2026/3/1", "2026年3月1日", date(2026, 3, 1), datetime(2026, 3, 1)],  # noqa: DTZ001
)
def test_days_are_written_in_many_ways(raw: object) -> None:
    assert cells.day(raw) == date(2026, 3, 1)


@pytest.mark.parametrize("raw", ["2026-02-30", "明年", 46082, datetime(2026, 3, 1, 9), True])  # noqa: DTZ001
def test_what_is_no_day_is_refused(raw: object) -> None:
    with pytest.raises(CellError):
        cells.day(raw)


def test_cells_become_what_their_column_holds() -> None:
    assert cells.text(12345) == "12345"
    assert cells.text(7.0) == "7"
    assert cells.audience("企业、个人/企业") == ("企业", "个人")
    assert cells.audience("") == ("个人", "企业")
    assert cells.flag("是")
    assert not cells.flag(None)
    assert cells.is_published("")
    for convert, raw in (
        (cells.text, ["列表"]),
        (cells.text, date(2026, 3, 1)),
        (cells.text, "长" * (bounds.CELL_LENGTH + 1)),
        (cells.text, "\ud800"),
        (cells.lines, [1]),
        (cells.audience, "外星人"),
        (cells.flag, "也许"),
        (cells.is_published, "下架"),
    ):
        with pytest.raises(CellError):
            convert(raw)
