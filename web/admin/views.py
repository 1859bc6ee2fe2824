"""Evaluation pages: the batch hit test on the published base, its results, its history."""

import tempfile
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from knowledge.audit.service import record
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.evaluation.account import Account, Difference, account_of, difference, subject
from knowledge.evaluation.cases import CaseError
from knowledge.evaluation.history import (
    NAME_LENGTH,
    STATE_NAMES,
    State,
    checked_name,
    evaluation,
    evaluations,
    state_of,
)
from knowledge.evaluation.models import Evaluation
from knowledge.evaluation.questions import CHARACTERS, ROWS, QuestionsError
from knowledge.evaluation.result import Result, Verdict
from knowledge.evaluation.workbook import write_template
from knowledge.exchange.errors import ExchangeError
from knowledge.paging import existing, pages_of
from knowledge.people.actor import Right
from web.access import actor, staff
from web.admin.report import KINDS, WORDS, write
from web.admin.runner import NotReadyError
from web.admin.upload import received
from web.security import MAX_BODY
from web.services import services

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

PAGE_SIZE = 100
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html; charset=utf-8",
}
NUMBER = "<int(max=2147483647):evaluation_id>"


@blueprint.app_context_processor
def _states() -> dict[str, object]:
    """Let every page of evaluations name their states."""
    return {"state_of": state_of, "state_names": STATE_NAMES}


@blueprint.get("/evaluation")
@staff(Right.EVALUATE)
def home() -> str:
    """Begin an evaluation; list those that there are."""
    return _home()


@blueprint.post("/evaluation")
@staff(Right.EVALUATE)
def begin() -> Response | tuple[str, int]:
    """Take a file of questions and begin to ask them."""
    name = request.form.get("name", "")
    try:
        checked_name(name)
        with received(request.files.get("file")) as upload:
            number = services().evaluations.start(actor(), upload, name)
    except (ConflictError, NotReadyError) as error:
        return _home(str(error), name=name), 409
    except QuestionsError as error:
        return _home(error.message, error.problems, name=name), 422
    except (CaseError, ContentError, ExchangeError) as error:
        return _home(str(error), name=name), 422
    return redirect(url_for("admin.result", evaluation_id=number), 303)  # type: ignore[return-value]


@blueprint.get(f"/evaluation/{NUMBER}")
@staff(Right.EVALUATE)
def result(evaluation_id: int) -> str:
    """Show what came of an evaluation, or how far it is."""
    with services().database.read() as session:
        kept = evaluation(session, actor(), evaluation_id)
        if state_of(kept) is not State.DONE:
            return render_template("admin/unfinished.html", kept=kept)
        told = account_of(kept)
    wanted = request.args.get("verdict", "")
    chosen = Verdict(wanted) if wanted in set(Verdict) else None
    shown = [one for one in told.results if chosen in {None, one.verdict}]
    page, pages = _page_of(shown)
    return render_template(
        "admin/evaluation.html",
        kept=kept,
        told=told,
        chosen=chosen,
        shown=shown[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        pages=pages,
        counts={one: sum(r.verdict is one for r in told.results) for one in Verdict},
        **WORDS,
    )


@blueprint.get(f"/evaluation/{NUMBER}/progress")
@staff(Right.EVALUATE)
def progress(evaluation_id: int) -> Response:
    """Say how far an evaluation is."""
    with services().database.read() as session:
        kept = evaluation(session, actor(), evaluation_id)
        return jsonify(state=state_of(kept).value, done=kept.done, total=kept.total)


@blueprint.get(f"/evaluation/{NUMBER}/report.<kind>")
@staff(Right.EVALUATE)
def report(evaluation_id: int, kind: str) -> Response:
    """Hand out an evaluation's report."""
    with services().database.read() as session:
        told = account_of(evaluation(session, actor(), evaluation_id))
    _require_kind(kind)
    _note_download(f"evaluation:{evaluation_id}", kind)
    return _download(told, kind, f"命中测试-{evaluation_id}")


@blueprint.get("/evaluation/compare")
@staff(Right.EVALUATE)
def compare() -> str:
    """Show what one evaluation won and lost against another."""
    return render_template("admin/comparison.html", told=_difference(), most=PAGE_SIZE, **WORDS)


@blueprint.get("/evaluation/compare/report.<kind>")
@staff(Right.EVALUATE)
def compare_report(kind: str) -> Response:
    """Hand out a comparison's report."""
    told = _difference()
    _require_kind(kind)
    _note_download(f"evaluation:{_asked(request.args.get('b', ''))}", kind)
    return _download(told, kind, "命中测试-比较")


@blueprint.get("/evaluation/template.xlsx")
@staff(Right.EVALUATE)
def template() -> Response:
    """Hand out an empty file of questions."""
    with tempfile.TemporaryDirectory(prefix="hotline-template-") as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path)
        return _attachment(path.read_bytes(), ".xlsx", "命中测试问题")


def _home(problem: str = "", problems: tuple[str, ...] = (), name: str = "") -> str:
    with services().database.read() as session:
        listed = evaluations(session, actor())
    return render_template(
        "admin/evaluations.html",
        listed=listed,
        running=next((one for one in listed if state_of(one) is State.RUNNING), None),
        comparable=[one for one in listed if state_of(one) is State.DONE],
        problem=problem,
        problems=problems,
        name=name[:NAME_LENGTH],
        subject=subject,
        chance=WORDS["chance"],
        limits={"rows": ROWS, "characters": CHARACTERS, "megabytes": MAX_BODY // 2**20},
        name_length=NAME_LENGTH,
    )


def _difference() -> Difference:
    with services().database.read() as session:
        before, after = (_asked(request.args.get(side, "")) for side in ("a", "b"))
        found: list[Evaluation] = [evaluation(session, actor(), one) for one in (before, after)]
        return difference(*found)


def _asked(number: str) -> str:
    if not number:
        raise NotFoundError("请在评测页面选择要比较的两次评测")
    return number


def _page_of(shown: list[Result]) -> tuple[int, int]:
    wanted = request.args.get("page", 1, type=int)
    return existing(wanted, len(shown), PAGE_SIZE), pages_of(len(shown), PAGE_SIZE)


def _require_kind(kind: str) -> None:
    if f".{kind}" not in KINDS:
        raise NotFoundError("报告只有 xlsx 和 html 两种")


def _note_download(subject: str, kind: str) -> None:
    with services().database.write() as session:
        record(session, actor(), "report_downloaded", subject, after={"kind": kind})


def _download(told: Account | Difference, kind: str, name: str) -> Response:
    ending = f".{kind}"
    with tempfile.TemporaryDirectory(prefix="hotline-report-") as folder:
        path = Path(folder) / f"report{ending}"
        write(path, told)
        return _attachment(path.read_bytes(), ending, name)


def _attachment(content: bytes, ending: str, name: str) -> Response:
    """An attachment is opened from the disk, where this site's policy does not reach."""
    disposition = f"attachment; filename*=UTF-8''{quote(name + ending)}"
    return Response(
        content, content_type=TYPES[ending], headers={"Content-Disposition": disposition}
    )
