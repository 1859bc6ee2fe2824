"""Export: everything comes out, comes back unchanged, and runs nowhere as a formula."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.entries.service import entry_coded, withdraw
from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.escaping import csv_escaped, csv_unescaped, xlsx_escaped, xlsx_unescaped
from knowledge.exchange.export import export
from tests.knowledge.sheets import ACTOR, counts, founded, jsonl, put, row, traces

KINDS = pytest.mark.parametrize("kind", ["xlsx", "csv", "jsonl"])


@pytest.fixture
def base(database: Database, tmp_path: Path) -> Database:
    """Entries with all that could get lost on the way."""
    rows = [
        row(
            "=1+1 等于几？", 编号="007", 相似问=["-减号开头", "'=引号开头", "@某人"],
            负例问=["+加号"], 口播答案="＝全角",
            答案="'+86 是什么\n\n- 第一\t项\n_x000D_ _x0041_ 原样",
            办理材料="=身份证\n@照片", 办理流程=["取号", "取号"], 收费标准="-5 元\n另加 1 元",
            办理时限="3 日", 办理地点="大厅，0592-6051234", 关键词=["=词", "+86"],
            适用对象="企业、个人", 有效期起="1899-12-31", 有效期止="9999-12-31", 常问="是",
        ),
        row("草稿怎么办？", 编号="b", 状态="草稿", 有效期止="2026-02-28"),
        row("下架的怎么办？", 编号="c", 责任部门="医保局"),
    ]  # fmt: skip
    founded(database)
    assert counts(put(database, jsonl(tmp_path / "first.jsonl", *rows))) == (3, 0, 0)
    with database.write() as session:
        gone = entry_coded(session, "c")
        withdraw(session, ACTOR, gone, gone.lock_version, "政策变了")
    return database


@KINDS
def test_the_round_trip_changes_nothing(base: Database, tmp_path: Path, kind: str) -> None:
    before = traces(base)
    path = tmp_path / f"out.{kind}"
    assert export(base, path) == 3
    assert counts(put(base, path)) == (0, 0, 3)
    assert traces(base) == before


@KINDS
def test_another_base_gets_the_same_from_the_file(
    base: Database, tmp_path: Path, kind: str
) -> None:
    export(base, tmp_path / f"out.{kind}")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other)
    assert counts(put(founded(other), tmp_path / f"out.{kind}")) == (3, 0, 0)
    for database, name in ((base, "a.jsonl"), (other, "b.jsonl")):
        export(database, tmp_path / name)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    other.close()


def test_excel_takes_no_text_for_a_formula(base: Database, tmp_path: Path) -> None:
    export(base, tmp_path / "o.xlsx")
    page = openpyxl.load_workbook(tmp_path / "o.xlsx").worksheets[0]
    titles = [cell.value for cell in page[1]]
    line = dict(zip(titles, page[2], strict=True))
    assert line["标准问"].value == "=1+1 等于几？"
    assert {cell.data_type for cell in page[2] if cell.value is not None} == {"s", "d"}
    assert line["标准问"].quotePrefix
    assert line["编号"].value == "007"
    assert page[3][titles.index("有效期止")].data_type == "d"
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert line["答案"].alignment.wrap_text
    assert page.column_dimensions["E"].width == 60
    export(base, tmp_path / "o.csv")
    with (tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert found[0]["标准问"] == "'=1+1 等于几？"
    assert not any(cell[:1] in ("=", "+", "-", "@") for one in found for cell in one.values())


def test_states_and_departments_can_be_chosen(base: Database, tmp_path: Path) -> None:
    assert export(base, tmp_path / "a.jsonl", state="发布") == 1
    assert export(base, tmp_path / "b.jsonl", department="医保局") == 1
    assert export(base, tmp_path / "c.jsonl", department="minzheng", state="草稿") == 1
    only = json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8"))
    assert (only["code"], only["state"]) == ("b", "草稿")
    assert only["similar_questions"] == []


def test_a_file_that_is_there_is_not_overwritten(base: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ExchangeError, match="已经存在，没有覆盖；要覆盖请加 --force"):
        export(base, path)
    assert path.read_text(encoding="utf-8") == "mine"
    seen: list[tuple[int, int]] = []
    export(base, path, lambda done, total: seen.append((done, total)), force=True)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert "编号" in path.read_text(encoding="utf-8-sig")
    with pytest.raises(ExchangeError, match="不存在，请先建立"):
        export(base, tmp_path / "no" / "a.csv")
    with pytest.raises(ExchangeError, match="的格式，请用"):
        export(base, tmp_path / "a.pdf")


def test_an_export_that_fails_leaves_nothing_behind(base: Database, tmp_path: Path) -> None:
    put(base, jsonl(tmp_path / "a.jsonl", row("怪字符？", 答案="答\uffff案")))
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(ExchangeError, match="xlsx 不能保存的字符，请导出为 csv 或 jsonl"):
        export(base, tmp_path / "o.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert export(base, tmp_path / "o.csv") == 4


@given(st.text(alphabet="'=+-@\t\r\n＝ab"))
def test_csv_escaping_can_be_undone(text: str) -> None:
    escaped = csv_escaped(text)
    assert csv_unescaped(escaped) == text
    assert escaped[:1] not in {"=", "+", "-", "@", "\t", "\r"} or not escaped


@given(st.text(alphabet="_x0041DF5'="))
def test_xlsx_escaping_can_be_undone(text: str) -> None:
    assert xlsx_unescaped(xlsx_escaped(text)) == text
