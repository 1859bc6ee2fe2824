"""Files that are handed out and taken in: the template, the list, what is no sheet."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from knowledge.audit.models import AuditRecord
from knowledge.exchange.columns import COLUMNS
from tests.knowledge.sheets import csv_file, row
from tests.web.conftest import Colleague
from tests.web.sending import HOME, checked, seen
from web.services import Services

People = Callable[[str], Colleague]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "是空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "另存为 .xlsx"),
        (b"<html><table></table></html>", "这是网页"),
        (b"%PDF-1.7", "不是表格文件"),
        (b"\0\1\2\3" * 100, "不是表格文件"),
    ],
)
def test_what_is_no_sheet_is_refused_at_once(colleague: People, content: bytes, words: str) -> None:
    data = {"file": (io.BytesIO(content), "表.xlsx")}
    answer = colleague("editor").submit(HOME, HOME, **data)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_damaged_file_is_told_after_reading(
    colleague: People, held: Services, tmp_path: Path
) -> None:
    editor = colleague("editor")
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"x" * 500)
    page = editor.client.get(checked(editor, held, path)).text
    assert "不是有效的 xlsx 文件" in page
    assert "重新检查" in page


def test_files_larger_than_other_forms_come_in_up_to_their_own_bound(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    long = "很长的答案。" * 1300
    rows = [row(f"大文件第{n}问？", 编号=f"x8-{n}", **own) | {"答案": long} for n in range(120)]
    path = csv_file(tmp_path / "大.csv", *rows)
    assert path.stat().st_size > 2 * 2**20
    answer = raw(editor, path.read_bytes())
    assert answer.status_code == 303, answer.text
    assert held.imports.wait(60)
    assert seen(editor.client.get(answer.location).text)["新增"] == 120
    assert raw(editor, b"a" * (21 * 2**20)).status_code == 413


def raw(person: Colleague, content: bytes) -> Any:
    """Send a file as a browser does; the test client would leave its own copy open."""
    token = person.hidden(HOME)["csrf_token"]
    head = 'Content-Disposition: form-data; name="'
    parts = [f'{head}csrf_token"\r\n\r\n{token}'.encode()]
    parts += [f'{head}file"; filename="a.csv"\r\n\r\n'.encode() + content]
    body = b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"
    return person.client.post(HOME, data=body, content_type="multipart/form-data; boundary=mark")


def test_the_template_is_filled_in_and_understood(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    book = openpyxl.load_workbook(io.BytesIO(editor.client.get(f"{HOME}/template.xlsx").data))
    sheet, examples, guide, choices = book.worksheets
    assert (choices.sheet_state, choices["A1"].value) == ("hidden", own["责任部门"])
    titles = [str(cell.value).rstrip("*") for cell in sheet[1]]
    assert titles == [column.title for column in COLUMNS]
    offered = {
        str(rule.sqref).partition("2:")[0]: rule for rule in sheet.data_validations.dataValidation
    }
    assert offered["G"].formula1.startswith("选项!$A$1")
    assert offered["M"].type == "date"
    told = " ".join(str(cell) for line in guide.iter_rows(values_only=True) for cell in line)
    assert all(column.title in told for column in COLUMNS)
    for place, cell in enumerate(examples[2], start=1):  # the example, as somebody copies it
        sheet.cell(2, place, cell.value)
    book.save(tmp_path / "填好.xlsx")
    where = checked(editor, held, tmp_path / "填好.xlsx")
    page = editor.client.get(where).text
    assert seen(page)["新增"] == 1, page
    assert "注意" not in page


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_list_that_is_shown_comes_out_and_changes_nothing_on_its_way_back(
    colleague: People, held: Services, tmp_path: Path, kind: str
) -> None:
    manager = colleague("manager")
    answer = manager.client.get(f"{HOME}/export.{kind}?department=all&state=live&q=电话")
    assert "attachment" in answer.headers["Content-Disposition"]
    path = tmp_path / f"a.{kind}"
    path.write_bytes(answer.data)
    with held.database.read() as session:
        told = session.scalars(
            select(AuditRecord).where(AuditRecord.action == "entries_exported")
        ).all()[-1]
    after = told.after or {}
    assert after["filter"] == {"department": "all", "state": "live", "q": "电话"}
    where = checked(manager, held, path)
    page = manager.client.get(where).text
    assert seen(page) == {
        "全部": after["rows"], "有错误": 0, "新增": 0, "修改": 0, "没有变化": after["rows"],
    }  # fmt: skip
    assert after["rows"] > 3
    assert "完全一样" in page
