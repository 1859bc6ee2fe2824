"""Imports a file as a whole or not at all; exports what is there."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.service import leaf_paths
from knowledge.database import Database
from knowledge.entries.models import Entry
from knowledge.entries.service import content_of, create, publish, save_draft
from knowledge.errors import NotFoundError
from knowledge.exchange import columns as c
from knowledge.exchange.planning import Change, Plan, Planned, Planner
from knowledge.exchange.reading import ExchangeError, escaped, read
from knowledge.people.actor import Actor

Progress = Callable[[int, int], None]
WIDTHS = {c.QUESTION: 36, c.SIMILAR: 40, c.ANSWER: 60, c.SPOKEN: 40, c.BASIS: 30}


def import_entries(
    database: Database,
    actor: Actor,
    path: Path,
    defaults: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Import a file in one transaction; when a row is wrong, nothing is written.

    Raises:
        ExchangeError: the file as a whole cannot be read.
    """
    defaults = defaults or {}
    rows = read(path, tuple(defaults))
    with database.write() as session:
        plan = Planner(session, defaults).plan(rows)
        if plan.wrong:
            return plan
        for done, one in enumerate(plan.planned, start=1):
            _apply(session, actor, one)
            if progress is not None:
                progress(done, len(plan.planned))
    return plan


def export_entries(
    database: Database, path: Path, department_id: int | None = None, force: bool = False
) -> int:
    """Write entries to a file, aside first; returns how many.

    Raises:
        ExchangeError: an unknown kind of file, or one that is there already.
    """
    writers = {".xlsx": _write_xlsx, ".csv": _write_csv, ".jsonl": _write_jsonl}
    if path.suffix.lower() not in writers:
        raise ExchangeError(f"不认识 {path.name} 的格式，请用 .xlsx、.csv 或 .jsonl")
    if path.exists() and not force:
        raise ExchangeError(f"{path} 已经存在；要覆盖请加 --force")
    with database.read() as session:
        rows = list(_rows(session, department_id))
    aside = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        writers[path.suffix.lower()](aside, rows)
        aside.replace(path)
    except OSError as error:
        raise ExchangeError(f"无法写入 {path}：{error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)
    return len(rows)


def _apply(session: Session, actor: Actor, one: Planned) -> None:
    if one.change is Change.UNCHANGED:
        return
    if one.change is Change.NEW:
        entry = create(session, actor, one.department_id, one.content, code=one.code)
    else:
        found = session.get(Entry, one.entry_id)
        if found is None:
            raise NotFoundError(f"第 {one.row} 行的条目已不存在，请重新导入")
        entry = found
        save_draft(session, actor, entry, one.content, entry.lock_version)
    if one.publish:
        publish(session, actor, entry, entry.lock_version)


def _rows(session: Session, department_id: int | None) -> Iterable[dict[str, str]]:
    paths = leaf_paths(session)
    query = select(Entry).order_by(Entry.id)
    if department_id is not None:
        query = query.where(Entry.department_id == department_id)
    for entry in session.scalars(query):
        version = entry.published or entry.draft
        if version is None:
            continue
        content = content_of(version)
        yield {
            c.CODE: entry.code,
            c.QUESTION: content.standard_question,
            c.SIMILAR: "\n".join(content.similar_questions),
            c.NEGATIVE: "\n".join(content.negative_questions),
            c.ANSWER: content.answer,
            c.SPOKEN: content.spoken_answer,
            c.DEPARTMENT: entry.department.name,
            c.CATEGORY: paths.get(version.category_id, ""),
            c.ISSUER: content.issuing_body,
            c.BASIS: content.legal_basis,
            c.REGION: content.region,
            c.AUDIENCE: "、".join(content.audience),
            c.FROM: content.valid_from.isoformat() if content.valid_from else "",
            c.UNTIL: content.valid_until.isoformat() if content.valid_until else "",
            c.STATE: c.PUBLISHED if entry.published else c.DRAFT,
        }


def _write_xlsx(path: Path, rows: list[dict[str, str]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "知识条目"
    sheet.append(list(c.COLUMNS))
    for at, name in enumerate(c.COLUMNS, start=1):
        sheet.cell(1, at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = WIDTHS.get(name, 16)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, start=2):
        for at, name in enumerate(c.COLUMNS, start=1):
            cell = sheet.cell(number, at, row[name])
            cell.data_type = "s"  # never a formula, whatever the text begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.save(path)


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, c.COLUMNS)
        writer.writeheader()
        writer.writerows({name: escaped(text) for name, text in row.items()} for row in rows)


def _write_jsonl(path: Path, rows: list[dict[str, str]]) -> None:
    names = {chinese: english for english, chinese in reversed(c.ENGLISH.items())}
    lists = {c.SIMILAR, c.NEGATIVE}
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            data = {
                names[name]: text.splitlines() if name in lists else text
                for name, text in row.items()
            }
            file.write(json.dumps(data, ensure_ascii=False) + "\n")
