"""Files and a base that the stories of import and export begin with."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import func, select

from knowledge.audit.models import AuditRecord
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.models import Entry, EntryVersion
from knowledge.exchange.service import Report, apply
from knowledge.exchange.sheet import Options
from knowledge.feed.service import head
from knowledge.people.actor import system

ACTOR = system("命令行")

ROW: dict[str, Any] = {
    "编号": "",
    "标准问": "怎么办老年证？",
    "相似问": "老年证\n办老人卡",
    "答案": "带身份证到窗口办理。",
    "责任部门": "民政局",
    "分类": "办事/证件",
}


def row(question: str, **changed: Any) -> dict[str, Any]:
    """Return a good row that asks `question`."""
    return ROW | {"标准问": question, "相似问": ""} | changed


def xlsx(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a workbook with the columns of the first row."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(list(rows[0]))
    for one in rows:
        page.append([one.get(name) for name in rows[0]])
    book.save(path)
    return path


def csv_file(path: Path, *rows: dict[str, Any], encoding: str = "utf-8") -> Path:
    """Write a csv file with the columns of the first row."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    """Write one JSON object a line."""
    lines = [json.dumps(one, ensure_ascii=False) for one in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def founded(database: Database) -> Database:
    """Return the base with two departments and two leaf categories."""
    with database.write() as session:
        add_department(session, code="minzheng", name="民政局")
        add_department(session, code="yibao", name="医保局")
        add_category(session, code="work", name="办事")
        add_category(session, code="card", name="证件", parent="work")
        add_category(session, code="money", name="补贴", parent="work")
    return database


def put(base: Database, path: Path, **options: Any) -> Report:
    """Import a file as the command line does."""
    return apply(base, ACTOR, path, options=Options(**options))


def told(report: Report) -> list[str]:
    """Return what the person reads of the wrong rows."""
    return [str(wrong) for wrong in report.wrong]


def counts(report: Report) -> tuple[int, int, int]:
    """Return how many rows are new, changed, unchanged."""
    return report.new, report.changed, report.unchanged


def traces(base: Database) -> tuple[int, int, int, int]:
    """Return counts of versions, audit records, entries, and the feed's revision."""
    with base.read() as session:
        versions = session.scalar(select(func.count()).select_from(EntryVersion))
        audits = session.scalar(select(func.count()).select_from(AuditRecord))
        entries = session.scalar(select(func.count()).select_from(Entry))
        return versions or 0, audits or 0, head(session).revision, entries or 0
