"""Review rounds: opened by a manager, gone through line by line, closed, exported."""

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.categories.tree import Tree as CategoryTree
from knowledge.departments.tree import Tree
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Right
from knowledge.review.own import answers_for
from knowledge.rounds import service
from knowledge.rounds.lists import board, is_late, left_of, lines, rounds, whole
from knowledge.rounds.outcome import OUTCOME_NAMES, Outcome
from knowledge.rounds.workbook import write
from web.access import actor, staff
from web.admin.forms import number
from web.services import services

blueprint = Blueprint("rounds", __name__, url_prefix="/department/rounds")

ROUND = "/<int(max=2147483647):round_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 50


@dataclass
class Typed:
    """What the manager wrote into the form of a new round."""

    title: str = ""
    due_on: str = ""
    note: str = ""
    departments: frozenset[int] = frozenset()
    category: int | None = None
    problems: dict[str, str] = field(default_factory=dict)


@blueprint.get("")
@blueprint.get("/")
@staff(Right.EDIT_ENTRIES)
def home() -> str:
    """List the rounds with their progress, the open ones first."""
    with services().database.read() as session:
        page = rounds(session, request.args.get("page", 1, type=int), 20)
        mine = answers_for(actor())
        shown = [
            (one, whole(board(session, one)), is_late(one), left_of(session, one, mine))
            for one in page.rows
        ]
        return render_template(
            "department/rounds.html",
            page=page,
            shown=shown,
            mine=mine,
            may_open=actor().may(Right.PUBLISH_ENTRIES),
        )


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Right.PUBLISH_ENTRIES)
def new() -> Response | str | tuple[str, int]:
    """Open a round."""
    if request.method == "GET":
        return _form(Typed())
    typed = Typed(
        title=request.form.get("title", "")[:200],
        due_on=request.form.get("due_on", "")[:40].strip(),
        note=request.form.get("note", "")[:2000],
        departments=frozenset(
            found for one in request.form.getlist("department") if (found := number(one))
        ),
        category=number(request.form.get("category")),
    )
    plan = service.Plan(
        typed.title, _day(typed.due_on), typed.departments, typed.category, typed.note
    )
    try:
        with services().database.write() as session:
            one = service.open_round(session, actor(), plan)
            round_id, count = one.id, whole(board(session, one)).total
    except ContentError as error:
        typed.problems = error.problems
        return _form(typed), 422
    flash(f"已发起梳理，共 {count} 条。各部门在“待我处理”和“定期梳理”里能看到。", "good")
    return redirect(url_for("rounds.one", round_id=round_id))  # type: ignore[return-value]


@blueprint.get(ROUND)
@staff(Right.EDIT_ENTRIES)
def one(round_id: int) -> str:
    """Show the progress of each department, and the lines of one's own."""
    with services().database.read() as session:
        found = service.round_numbered(session, round_id)
        parts = board(session, found)
        mine = answers_for(actor()) & {part.department_id for part in parts}
        asked = request.args.get("department", "mine" if mine else "all")
        chosen = mine if asked == "mine" else None if asked == "all" else {number(asked) or 0}
        shown = request.args.get("show", Outcome.LEFT if found.closed_at is None else "all")
        page = lines(
            session,
            found,
            chosen,
            Outcome(shown) if shown in set(Outcome) else None,
            request.args.get("page", 1, type=int),
            MOST,
        )
        return render_template(
            "department/round.html",
            found=found,
            parts=parts,
            total=whole(parts),
            late=is_late(found),
            page=page,
            mine=mine,
            asked=asked,
            shown=str(shown),
            names=OUTCOME_NAMES,
            may_confirm=_confirmable(page.rows) if found.closed_at is None else set(),
            may_close=found.closed_at is None and service.may_close(session, actor(), found),
        )


@blueprint.post(f"{ROUND}/confirm")
@staff(Right.EDIT_ENTRIES)
def confirm(round_id: int) -> Response:
    """Confirm entries, each in a transaction of its own; a script gets the outcome as JSON."""
    wanted = [item for one in request.form.getlist("item")[:MOST] if (item := number(one))]
    done: list[int] = []
    problems: dict[int, str] = {}
    with services().database.read() as session:
        service.round_numbered(session, round_id)
    for item_id in dict.fromkeys(wanted):
        try:
            with services().database.write() as session:
                found = service.round_numbered(session, round_id)
                service.confirm_item(session, actor(), found, item_id)
            done.append(item_id)
        except (ConflictError, NotAllowedError, NotFoundError) as error:
            problems[item_id] = str(error)
    if request.headers.get("Accept") == "application/json":
        return jsonify(done=done, problems=problems, progress=_progress(round_id))
    if done:
        flash(f"已确认 {len(done)} 条仍然有效。", "good")
    for told in dict.fromkeys(problems.values()):
        flash(f"没有确认：{told}", "bad")
    if not wanted:
        flash("没有确认：请先勾选条目。", "bad")
    return redirect(_back(round_id))  # type: ignore[return-value]


@blueprint.post(f"{ROUND}/close")
@staff(Right.PUBLISH_ENTRIES)
def close(round_id: int) -> Response:
    """Close a round; what is left is marked for re-review."""
    try:
        with services().database.write() as session:
            found = service.round_numbered(session, round_id)
            left = service.close_round(session, actor(), found)
        told = f"没有梳理的 {left} 条已标为“待复核”。" if left else "全部条目都梳理过了。"
        flash(f"已结束这次梳理。{told}", "good")
    except ConflictError as error:
        flash(f"没有结束：{error}", "bad")
    return redirect(url_for("rounds.one", round_id=round_id))  # type: ignore[return-value]


@blueprint.get(f"{ROUND}/export.xlsx")
@staff(Right.EDIT_ENTRIES)
def export(round_id: int) -> Response:
    """Hand out progress and lines as a workbook."""
    with (
        services().database.read() as session,
        tempfile.TemporaryDirectory(prefix="hotline-round-") as folder,
    ):
        found = service.round_numbered(session, round_id)
        path = Path(folder) / "round.xlsx"
        write(session, path, found)
        content = path.read_bytes()
        name = quote(f"梳理 {found.title}.xlsx", safe="")
    with services().database.write() as session:
        record(session, actor(), "round_exported", f"round:{round_id}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, content_type=XLSX, headers=headers)


def _progress(round_id: int) -> list[dict[str, int]]:
    """Return how far each department is, and (0) all of them together."""
    with services().database.read() as session:
        parts = board(session, service.round_numbered(session, round_id))
    return [
        {"part": one.department_id, "done": one.done, "total": one.total, "percent": one.percent}
        for one in [*parts, whole(parts)]
    ]


def _confirmable(rows: Any) -> set[int]:
    """Return the lines that the person may confirm."""
    return {
        line.item_id
        for line in rows
        if line.outcome is Outcome.LEFT
        and not line.expired
        and actor().may(Right.REVIEW_ENTRIES, line.entry.department_id, line.version.category_id)
    }


def _form(typed: Typed) -> str:
    with services().database.read() as session:
        departments = [node for node in Tree(session).nodes() if node.department.active]
        return render_template(
            "department/round_new.html",
            typed=typed,
            departments=departments,
            categories=_categories(session),
            title_length=service.TITLE_LENGTH,
            note_length=service.NOTE_LENGTH,
        )


def _categories(session: Session) -> list[Any]:
    return list(CategoryTree(session).nodes())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _back(round_id: int) -> str:
    """Return the page of the round with the filters that were set."""
    department, show = (request.form.get(name, "")[:20] or None for name in ("department", "show"))
    return url_for("rounds.one", round_id=round_id, department=department, show=show)
