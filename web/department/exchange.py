"""Entries in Excel: the template, a file checked and imported, a list exported."""

import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.categories.service import leaf_paths
from knowledge.departments.service import departments
from knowledge.entries.differences import Difference, compared
from knowledge.entries.lists import matching
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.exchange.bounds import ROWS
from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.outgoing import records_of
from knowledge.exchange.template import write_template
from knowledge.exchange.writing import WRITERS
from knowledge.imports import service as imports
from knowledge.imports.file import kind_of_content, sheet_of
from knowledge.imports.models import ImportJob
from knowledge.imports.service import FILE_BYTES, Sent
from knowledge.imports.state import (
    AT_WORK,
    OUTCOME_NAMES,
    STAGE_NAMES,
    STATE_NAMES,
    WAITING,
    Outcome,
    state_of,
)
from knowledge.imports.workbook import write_annotated
from knowledge.people.actor import Right
from knowledge.privacy.hidden import visible
from web.access import actor, staff
from web.department.listing import asked as asked_list
from web.security import takes
from web.services import services

blueprint = Blueprint("exchange", __name__, url_prefix="/department/exchange")

JOB = "/<int(max=2147483647):job_id>"
FORM_BYTES = 64 * 1024  # the other fields of the form
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
}
WORDS = {
    "states": STATE_NAMES,
    "state_of": state_of,
    "stages": STAGE_NAMES,
    "outcomes": OUTCOME_NAMES,
}


@blueprint.get("")
@blueprint.get("/")
@staff(Right.EDIT_ENTRIES)
def home() -> str:
    """Offer the template and the upload; list what was sent."""
    return _home()


@blueprint.post("")
@staff(Right.EDIT_ENTRIES)
@takes(FILE_BYTES + FORM_BYTES)
def send() -> Response | tuple[str, int]:
    """Take a file and have it checked."""
    try:
        sent = _sent()
        with services().database.write() as session:
            number = imports.begin(session, actor(), sent).id
    except (ContentError, ExchangeError) as error:
        return _home(str(error)), 422
    except ConflictError as error:
        return _home(str(error)), 409
    return _working(number)


@blueprint.get("/template.xlsx")
@staff(Right.EDIT_ENTRIES)
def template() -> Response:
    """Hand out the sheet to fill in, with the departments that the person may choose."""
    with services().database.read() as session:
        names, paths = _own_departments(session), list(leaf_paths(session).values())
    return _attachment(".xlsx", "知识条目模板", lambda path: write_template(path, names, paths))


@blueprint.get("/export.<kind>")
@staff(Right.EDIT_ENTRIES)
def export(kind: str) -> Response:
    """Hand out the entries that the list shows with the same filter."""
    if f".{kind}" not in TYPES:
        raise NotFoundError("条目只能导出成 xlsx 或 csv")
    with services().database.read() as session:
        wanted = asked_list(request.args).filter(session)
        ids = matching(session, wanted, ROWS + 1)
        if len(ids) > ROWS:
            raise ContentError({"rows": f"超过 {ROWS:,} 条，请先按部门或分类筛选，分几次导出"})
        name = f"知识条目-{clock.today():%Y%m%d}"
        try:
            answer = _attachment(
                f".{kind}", name, lambda path: WRITERS[path.suffix](path, records_of(session, ids))
            )
        except ExchangeError as error:
            raise ContentError({"rows": str(error)}) from error
    asked = {name: value for name, value in request.args.items() if value and name != "page"}
    with services().database.write() as session:
        after = {"rows": len(ids), "kind": kind, "filter": asked}
        record(session, actor(), "entries_exported", "entries", after=after)
    return answer


@blueprint.get(JOB)
@staff(Right.EDIT_ENTRIES)
def job(job_id: int) -> str:
    """Show how far a file is, or row by row what was found in it."""
    return _page(job_id)


@blueprint.get(f"{JOB}/progress")
@staff(Right.EDIT_ENTRIES)
def progress(job_id: int) -> Response:
    """Say how far a file is; who asks sees to it that it is worked on."""
    with services().database.read() as session:
        found = imports.job(session, actor(), job_id)
    state = state_of(found)
    if state in WAITING:
        services().imports.wake()
    return jsonify(
        running=state in WAITING | AT_WORK,
        stage=STAGE_NAMES[found.stage],
        done=found.done,
        total=found.total,
    )


@blueprint.post(f"{JOB}/import")
@staff(Right.EDIT_ENTRIES)
def order(job_id: int) -> Response | tuple[str, int]:
    """Have a checked file imported."""
    partly = request.form.get("partly") == "yes"
    return _ordered(job_id, lambda session: imports.order(session, actor(), job_id, partly=partly))


@blueprint.post(f"{JOB}/check")
@staff(Right.EDIT_ENTRIES)
def check(job_id: int) -> Response | tuple[str, int]:
    """Have a file checked anew."""
    return _ordered(job_id, lambda session: imports.check_again(session, actor(), job_id))


@blueprint.get(f"{JOB}/annotated.xlsx")
@staff(Right.EDIT_ENTRIES)
def annotated(job_id: int) -> Response:
    """Hand out the file with its faults marked."""
    with services().database.read() as session:
        found = imports.job(session, actor(), job_id, whole=True)
        faults = imports.faults(session, found)
    try:
        sheet = sheet_of(found)
    except ExchangeError as error:
        raise NotFoundError(str(error)) from error
    name = f"{Path(found.file_name).stem}-检查结果"
    return _attachment(".xlsx", name, lambda path: write_annotated(path, sheet, faults))


def _sent() -> Sent:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise ContentError({"file": "请先选择要上传的表格"})
    name = PurePosixPath(visible(file.filename).replace("\\", "/")).name.strip() or "表格"
    with file.stream:
        content = file.stream.read(FILE_BYTES + 1)
    if content:
        kind_of_content(content)
    with services().database.read() as session:
        offered = {"", *_own_departments(session)}
        paths = {"", *leaf_paths(session).values()}
    department, category = (request.form.get(one, "") for one in ("department", "category"))
    if department not in offered or category not in paths:
        raise ContentError({"department": "请从列表里选择部门和分类"})
    return Sent(name, content, department, category, request.form.get("way") == "submit")


def _home(problem: str = "") -> str:
    with services().database.read() as session:
        return render_template(
            "department/exchange.html",
            jobs=imports.jobs(session, actor()),
            departments=_own_departments(session),
            categories=list(leaf_paths(session).values()),
            problem=problem,
            rows=ROWS,
            megabytes=FILE_BYTES // 2**20,
            days=imports.KEPT.days,
            **WORDS,
        )


def _page(job_id: int, problem: str = "") -> str:
    asked = request.args.get("outcome", "")
    outcome = Outcome(asked) if asked in set(Outcome) else None
    with services().database.read() as session:
        found = imports.job(session, actor(), job_id)
        state = state_of(found)
        listed = None
        if found.plan is not None and state not in WAITING | AT_WORK:
            listed = imports.rows(session, found, outcome, request.args.get("page", 1, type=int))
        return render_template(
            "department/exchange_job.html",
            job=found,
            state=state,
            running=state in WAITING | AT_WORK,
            listed=listed,
            outcome=outcome,
            counts={one: getattr(found, one.value) for one in OUTCOME_NAMES},
            differences=_differences,
            problem=problem,
            **WORDS,
        )


def _differences(changes: list[list[str]]) -> list[Difference]:
    return [Difference(label, label, *compared(old, new)) for label, old, new in changes]


def _ordered(job_id: int, step: Callable[[Session], ImportJob]) -> Response | tuple[str, int]:
    try:
        with services().database.write() as session:
            step(session)
    except ConflictError as error:
        return _page(job_id, str(error)), 409
    return _working(job_id)


def _working(job_id: int) -> Response:
    services().imports.wake()
    return redirect(url_for("exchange.job", job_id=job_id), 303)  # type: ignore[return-value]


def _own_departments(session: Session) -> list[str]:
    """Return the names of the departments whose entries this person may write, the own first."""
    mine = [one for one in departments(session) if actor().may(Right.EDIT_ENTRIES, one.id)]
    return [one.name for one in sorted(mine, key=lambda one: one.id != actor().department_id)]


def _attachment(kind: str, name: str, write: Callable[[Path], None]) -> Response:
    with tempfile.TemporaryDirectory(prefix="hotline-exchange-") as folder:
        path = Path(folder) / f"file{kind}"
        write(path)
        content = path.read_bytes()
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name + kind)}"}
    return Response(content, content_type=TYPES[kind], headers=headers)
