"""A department keeps its entries in Excel: a file is checked, and imported whole or not at all."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import func, select, update

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.entries.lifecycle import Step
from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded, save_draft
from knowledge.entries.versions import content_of
from knowledge.imports.models import ImportJob, ImportRow
from knowledge.imports.state import SILENT, State
from knowledge.imports.working import Worker
from knowledge.people.actor import system
from knowledge.review.deadlines import Deadlines
from tests.knowledge.sheets import csv_file, row, xlsx
from tests.web.conftest import Colleague
from tests.web.sending import HOME, checked, imported, seen
from web.services import Services

People = Callable[[str], Colleague]


def entries(held: Services, start: str) -> list[Entry]:
    with held.database.read() as session:
        query = select(Entry).where(Entry.code.startswith(start)).order_by(Entry.code)
        found = list(session.scalars(query))
        for one in found:
            for version in (one.published, one.draft):
                if version is not None:
                    content_of(version)
        return found


def job(held: Services, where: str) -> ImportJob:
    with held.database.read() as session:
        return session.get_one(ImportJob, int(where.rsplit("/", 1)[1]))


def test_a_file_is_checked_then_imported_as_drafts(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    rows = [row(f"窗口导入第{n}问怎么办？", 编号=f"x1-{n}", **own) for n in range(3)]
    where = checked(editor, held, xlsx(tmp_path / "春季.xlsx", *rows))
    page = editor.client.get(where).text
    assert seen(page) == {"全部": 3, "有错误": 0, "新增": 3, "修改": 0, "没有变化": 0}
    assert "全部导入（新增 3 条）" in page
    assert entries(held, "x1-") == []  # a check writes nothing
    done = imported(editor, held, where)
    assert "已导入：新增 3 条" in done
    with held.database.read() as session:
        assert session.get_one(ImportJob, int(where.rsplit("/", 1)[1])).content is None
    listed = editor.client.get("/department?q=窗口导入").text
    assert all(f"窗口导入第{n}问怎么办？" in listed for n in range(3))
    drafts = entries(held, "x1-")
    assert [one.published for one in drafts] == [None] * 3
    assert {one.draft.step for one in drafts if one.draft} == {Step.WRITING}
    with held.database.read() as session:
        told = session.scalars(
            select(AuditRecord).where(AuditRecord.action == "entries_imported")
        ).all()[-1]
        made = session.scalar(
            select(func.count()).where(
                AuditRecord.action == "entry_created",
                AuditRecord.actor_name == told.actor_name,
                AuditRecord.subject.in_([f"entry:{one.id}" for one in drafts]),
            )
        )
    assert (told.after or {})["new"] == 3
    assert made == 3
    again = editor.submit(f"{where}/import", HOME)
    assert again.status_code == 409
    assert "已经导入了" in again.text


def test_changes_are_shown_old_and_new_and_go_to_the_review(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    rows = [row(f"送审第{n}问怎么办？", 编号=f"x2-{n}", **own) for n in range(3)]
    imported(editor, held, checked(editor, held, xlsx(tmp_path / "a.xlsx", *rows)))
    changed = [rows[0] | {"答案": "改成带户口本到窗口办理。"}, rows[1], rows[2] | {"状态": "草稿"}]
    path = csv_file(tmp_path / "b.csv", *changed[:1], *changed[1:2], encoding="gb18030")
    where = checked(editor, held, path, way="submit")
    page = editor.client.get(where).text
    assert seen(page) == {"全部": 2, "有错误": 0, "新增": 0, "修改": 2, "没有变化": 0}
    assert re.search(r"<del>[^<]*身份证[^<]*</del>", page)
    assert re.search(r"<ins>[^<]*户口本[^<]*</ins>", page)
    assert "已提交审核" in imported(editor, held, where)
    first, second, third = entries(held, "x2-")
    for one in (first, second):
        assert one.draft is not None
        assert one.draft.step == Step.DEPARTMENT
        assert one.draft.step_due is not None
        assert one.draft.submitter_name
    assert third.draft is not None
    assert third.draft.step == Step.WRITING
    assert first.published is None  # nobody publishes without a review
    waiting = colleague("reviewer").client.get("/department/tasks").text
    assert "送审第0问怎么办？" in waiting
    found = editor.client.get("/department?q=户口本&state=department").text
    assert "送审第0问怎么办？" in found
    same = checked(editor, held, path, way="submit")
    assert seen(editor.client.get(same).text)["没有变化"] == 2


def test_wrong_rows_are_named_by_cell_and_nothing_is_imported(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    rows = [
        row("导入对的一问？", 编号="x3-1", **own),
        row("导入缺答案的一问？", 编号="x3-2", **own) | {"答案": ""},
        row("别的部门的一问？", 编号="x3-3", **own) | {"责任部门": other_department(held, own)},
        row("日期不对的一问？", 编号="x3-4", **own, 有效期止="明年"),
    ]
    rows[0] = {**rows[0], "有效期止": ""}
    where = checked(editor, held, xlsx(tmp_path / "错.xlsx", *rows))
    page = editor.client.get(where).text
    assert seen(page)["有错误"] == 3
    assert "<code>D3</code> <strong>答案</strong>是空的" in page
    assert "<code>E4</code> <strong>责任部门</strong>不是您可以修改的部门" in page
    assert "<code>G5</code> <strong>有效期止</strong>填的“明年”不是日期" in page
    assert "请写成 2026-03-01" in page
    assert editor.client.get(f"{where}?outcome=new").text.count('<th scope="row">') == 1
    refused = editor.submit(f"{where}/import", where)
    assert refused.status_code == 409
    assert entries(held, "x3-") == []
    sheet = editor.client.get(f"{where}/annotated.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet.data))
    cell = book.worksheets[0]["D3"]
    assert cell.fill.fgColor.rgb == "00F8C9C4"
    assert "请填写" in cell.comment.text
    assert "D3答案：是空的" in str(book.worksheets[0]["H3"].value)
    # The marked file is mended in place and sent again.
    page_sheet = book.worksheets[0]
    page_sheet["D3"], page_sheet["E4"], page_sheet["G5"] = "补上了。", own["责任部门"], None
    book.save(tmp_path / "改好.xlsx")
    mended = checked(editor, held, tmp_path / "改好.xlsx")
    assert seen(editor.client.get(mended).text) == {
        "全部": 4, "有错误": 0, "新增": 4, "修改": 0, "没有变化": 0,
    }  # fmt: skip
    # Or, when that is wanted, the right rows alone.
    assert "有错误的 3 行没有导入" in imported(editor, held, where, partly="yes")
    assert [one.code for one in entries(held, "x3-")] == ["x3-1"]


def other_department(held: Services, own: dict[str, Any]) -> str:
    with held.database.read() as session:
        query = select(Entry).join(Entry.department)
        return next(
            one.department.name
            for one in session.scalars(query)
            if one.department.name != own["责任部门"]
        )


def test_what_changed_since_the_check_asks_for_a_new_one(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    first = row("先后改的一问？", 编号="x4-1", **own)
    imported(editor, held, checked(editor, held, xlsx(tmp_path / "a.xlsx", first)))
    new = row("同时新增的一问？", 编号="x4-2", **own)
    where = checked(editor, held, xlsx(tmp_path / "b.xlsx", first | {"答案": "表格里改的。"}, new))
    with held.database.write() as session:  # a colleague saves meanwhile
        found = entry_coded(session, "x4-1")
        assert found.draft is not None
        theirs = content_of(found.draft)
        save_draft(
            session,
            system(),
            found,
            theirs.__class__(**vars(theirs) | {"answer": "别人改的。"}),
            found.lock_version,
        )
    page = imported(editor, held, where)
    assert "知识库里有关的内容变了，一行也没有导入" in page
    assert [one.code for one in entries(held, "x4-")] == ["x4-1"]
    answer = editor.submit(f"{where}/check", where)
    assert answer.status_code == 303
    assert held.imports.wait(60)
    assert "别人改的" in re.sub("<[^>]+>", "", editor.client.get(where).text)
    assert "修改 1 条" in imported(editor, held, where)
    drafts = [one.draft for one in entries(held, "x4-")]
    assert [draft.answer for draft in drafts if draft] == ["表格里改的。", "带身份证到窗口办理。"]


def test_a_process_that_died_leaves_an_interrupted_import_and_nothing_else(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    where = checked(
        editor, held, xlsx(tmp_path / "a.xlsx", row("中断的一问？", 编号="x5-1", **own))
    )
    number = int(where.rsplit("/", 1)[1])
    with held.database.write() as session:  # as a process leaves it that is killed at work
        session.execute(
            update(ImportJob)
            .where(ImportJob.id == number)
            .values(state=State.IMPORTING.value, holder="gone", seen_at=clock.now())
        )
    assert editor.client.get(f"{where}/progress").get_json()["running"] is True
    with held.database.write() as session:
        past = clock.now() - SILENT - timedelta(seconds=1)
        session.execute(update(ImportJob).where(ImportJob.id == number).values(seen_at=past))
    page = editor.client.get(where).text
    assert "处理这个文件的服务停止了，一行也没有导入" in page
    assert entries(held, "x5-") == []
    assert editor.submit(f"{where}/check", where).status_code == 303
    assert held.imports.wait(60)
    assert "已导入：新增 1 条" in imported(editor, held, where)


def test_a_stopped_process_gives_up_and_another_takes_what_waits(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    stopped = Worker(held.database, Deadlines())
    stopped.close()
    stopped.wake()
    assert stopped.wait(1)
    where = checked(
        editor, held, xlsx(tmp_path / "a.xlsx", row("等着的一问？", 编号="x6-1", **own))
    )
    number = int(where.rsplit("/", 1)[1])
    with held.database.write() as session:  # ordered in a process that ended before it began
        session.execute(
            update(ImportJob).where(ImportJob.id == number).values(state=State.ORDERED.value)
        )
    assert editor.client.get(f"{where}/progress").get_json()["running"] is True  # and wakes ours
    assert held.imports.wait(60)
    assert job(held, where).state == State.DONE


def test_nobody_sees_or_imports_a_colleagues_file(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    where = checked(
        colleague("editor"), held, xlsx(tmp_path / "a.xlsx", row("谁的一问？", 编号="x7-1", **own))
    )
    stranger = colleague("editor2")
    for path in (where, f"{where}/progress", f"{where}/annotated.xlsx"):
        assert stranger.client.get(path).status_code == 404
    for path in (f"{where}/import", f"{where}/check"):
        assert stranger.submit(path, HOME).status_code == 404
    assert entries(held, "x7-") == []


def test_old_files_are_forgotten(
    colleague: People, held: Services, own: dict[str, Any], tmp_path: Path
) -> None:
    editor = colleague("editor")
    path = xlsx(tmp_path / "a.xlsx", row("旧的一问？", 编号="x9-1", **own))
    where = checked(editor, held, path)
    number = int(where.rsplit("/", 1)[1])
    with held.database.write() as session:
        past = clock.now() - timedelta(days=15)
        session.execute(update(ImportJob).where(ImportJob.id == number).values(created_at=past))
    checked(editor, held, path)
    assert editor.client.get(where).status_code == 404
    with held.database.read() as session:
        left = session.scalar(select(func.count()).where(ImportRow.job_id == number))
    assert left == 0
