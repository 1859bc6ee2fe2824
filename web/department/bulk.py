"""One step for many entries: chosen in the list, looked at, carried out, told one by one."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from knowledge.bulk.service import (
    ACT_NAMES,
    MOST,
    WITH_REASON,
    Act,
    Details,
    Line,
    carry_out,
    looked_at,
)
from knowledge.categories.service import leaf_paths
from knowledge.entries.lists import codes
from knowledge.entries.service import REASON_LENGTH
from knowledge.errors import ContentError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.admin.forms import number
from web.department.listing import asked
from web.department.page import deadlines
from web.services import services

blueprint = Blueprint("bulk", __name__, url_prefix="/department/bulk")

CHARACTERS = 64 + 12  # of a code and its state


@blueprint.post("")
@staff(Right.EDIT_ENTRIES)
def look() -> tuple[str, int] | str:
    """Show what the step would do, and ask for what goes with it."""
    act = _act()
    try:
        if act is None:
            raise ContentError({"act": "请选择要办什么"})
        with services().database.read() as session:
            lines = looked_at(session, actor(), act, _chosen(session))
    except ContentError as error:
        return _page(act, [], error.problems), 422
    return _page(act, lines)


@blueprint.post("/carry-out")
@staff(Right.EDIT_ENTRIES)
def carry() -> tuple[str, int] | str:
    """Carry it out, entry by entry, and tell of each."""
    act, wanted = _act(), _wanted()
    problems: dict[str, str] = {}
    try:
        if act is None or not wanted:
            raise ContentError({"act": "没有要办的条目，请回到列表重新选择"})
        details = _details()
        held = services()
        done = carry_out(held.database, actor(), act, wanted, details, deadlines())
        return render_template(
            "department/bulk_done.html",
            act=ACT_NAMES[act],
            done=[one for one in done if one.problem is None],
            refused=[one for one in done if one.problem is not None],
            back=asked(request.form).link(),
        )
    except ContentError as error:
        problems = error.problems
    with services().database.read() as session:
        listed = [code for code, _ in wanted][:MOST]
        lines = looked_at(session, actor(), act, listed) if act and listed else []
    return _page(act, lines, problems), 422


def _page(act: Act | None, lines: list[Line], problems: dict[str, str] | None = None) -> str:
    with services().database.read() as session:
        categories = leaf_paths(session)
    return render_template(
        "department/bulk.html",
        act=act,
        name=ACT_NAMES[act] if act else "批量办理",
        needs_reason=act in WITH_REASON,
        ready=[one for one in lines if one.problem is None],
        refused=[one for one in lines if one.problem is not None],
        categories=categories,
        reason_length=REASON_LENGTH,
        problems=problems or {},
        typed=request.form,
        wanted=asked(request.form),
    )


def _act() -> Act | None:
    given = request.form.get("act", "")
    return Act(given) if given in set(Act) else None


def _chosen(session: Any) -> list[str]:
    if request.form.get("all") == "1":
        wanted = asked(request.form)
        return list(codes(session, wanted.filter(session), MOST + 1, wanted.order))
    return [code[:64] for code in request.form.getlist("code")][: MOST + 1]


def _wanted() -> list[tuple[str, int]]:
    """Read “code:state” lines; what was not written by our own page is left out."""
    found: dict[str, int] = {}
    text = request.form.get("entries", "")[: (MOST + 1) * CHARACTERS]
    for line in text.split():
        code, _, said = line.rpartition(":")
        seen = number(said)
        if code and seen is not None:
            found.setdefault(code, seen)
    return list(found.items())


def _details() -> Details:
    form = request.form
    until = form.get("valid_until", "").strip()
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise ContentError({"valid_until": "日期请按 2026-12-31 的样子填写"}) from error
    if _act() is Act.UNTIL and last is None and form.get("endless") != "1":
        raise ContentError({"valid_until": "请填最后一天，或勾选“长期有效”"})
    return Details(form.get("reason", ""), number(form.get("new_category")), last)
