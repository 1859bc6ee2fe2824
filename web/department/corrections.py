"""Corrections: reported on an entry's page, listed for its department, decided."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge import clock
from knowledge.corrections import service as correction_service
from knowledge.corrections.lists import (
    Wanted,
    Whose,
    corrections,
    on_entry,
    open_on,
    under_review,
)
from knowledge.corrections.models import Correction
from knowledge.corrections.service import TEXT_LENGTH, Decision, Report, may_decide
from knowledge.corrections.wording import KIND_NAMES, STATE_NAMES, Kind, State, last_day
from knowledge.entries.differences import differences
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("corrections", __name__, url_prefix="/department")

NUMBER = "<int(max=2147483647):correction_id>"


@blueprint.app_context_processor
def _on_every_page() -> dict[str, Any]:
    """Let pages ask what is being looked into."""
    from flask_login import current_user

    if not current_user.is_authenticated:
        return {}
    return {
        "corrections_of": _open_corrections,
        "entries_under_review": _under_review,
        "correction_kinds": KIND_NAMES,
        "correction_last_day": last_day,
        "correction_length": TEXT_LENGTH,
        "this_instant": clock.now(),
    }


@blueprint.get("/corrections")
@staff(Right.READ_ENTRIES)
def listed() -> str:
    """List what is to be decided, what is late, or what the person reported."""
    asked = request.args.get("whose", "")
    edits = actor().may(Right.EDIT_ENTRIES)
    whose = Whose(asked) if asked in set(Whose) else Whose.TO_DECIDE if edits else Whose.REPORTED
    wanted = Wanted(whose, request.args.get("decided") == "1")
    with services().database.read() as session:
        number = request.args.get("page", 1, type=int)
        return render_template(
            "department/corrections.html",
            page=corrections(session, actor(), wanted, number),
            wanted=wanted,
            may_edit=edits,
            states=STATE_NAMES,
        )


@blueprint.post("/entries/<code>/corrections")
@staff(Right.READ_ENTRIES)
def report(code: str) -> Response:
    """Say that an entry is not right."""
    held = services()
    kind = request.form.get("kind", "")
    try:
        if kind not in set(Kind):
            raise ContentError({"kind": "请选择有误、过期、不清楚或不完整"})
        with held.database.write() as session:
            found = entry_coded(session, code)
            seen = request.form.get("version_id", 0, type=int)
            said = Report(seen, Kind(kind), request.form.get("text", ""))
            taken = correction_service.report(session, actor(), held.settings, found, said)
            until = last_day(taken.due_at)
        flash(f"纠错已提交，责任部门最迟{until}核实；结果在“纠错 · 我提出的”里看。", "good")
    except (ContentError, ConflictError) as error:
        flash(f"没有提交：{error}", "bad")
    return redirect(url_for("department.entry", code=code))  # type: ignore[return-value]


@blueprint.get(f"/corrections/{NUMBER}")
@staff(Right.READ_ENTRIES)
def one(correction_id: int) -> str:
    """Show a correction with the reported version beside the one in force."""
    return _page(correction_id)


@blueprint.post(f"/corrections/{NUMBER}")
@staff(Right.EDIT_ENTRIES)
def decide(correction_id: int) -> Response | tuple[str, int]:
    """Adopt it, decline it, or put it to another one."""
    state = request.form.get("state", "")
    decision = Decision(
        State(state) if state in set(State) else State.OPEN,
        request.form.get("reason", ""),
        request.form.get("duplicate_of", type=int),
    )
    try:
        with services().database.write() as session:
            found = correction_service.decide(session, actor(), correction_id, decision)
            told = "提出的市民" if found.conversation_id else found.reporter_name
        flash(f"已记为“{STATE_NAMES[decision.state]}”，{told}会看到结果。", "good")
    except ContentError as error:
        return _page(correction_id, error.problems, decision), 422
    except ConflictError as error:
        flash(f"没有保存：{error}", "bad")
        return redirect(url_for("corrections.one", correction_id=correction_id))  # type: ignore[return-value]
    return redirect(url_for("corrections.listed"))  # type: ignore[return-value]


def _page(
    correction_id: int,
    problems: dict[str, str] | None = None,
    decision: Decision | None = None,
) -> str:
    with services().database.read() as session:
        found = correction_service.correction(session, correction_id)
        now, then = found.entry.published, found.version
        others = [one for one in on_entry(session, found.entry_id) if one.id != found.id]
        return render_template(
            "department/correction.html",
            found=found,
            differing=differences(content_of(then), content_of(now)) if now else [],
            others=others,
            mergeable=[one for one in others if one.state != State.DUPLICATE],
            may_decide=may_decide(actor(), found),
            problems=problems or {},
            decision=decision,
            states=STATE_NAMES,
        )


def _open_corrections(entry_id: int) -> list[Correction]:
    with services().database.read() as session:
        return list(open_on(session, entry_id))


def _under_review(entry_ids: list[int]) -> set[int]:
    with services().database.read() as session:
        return under_review(session, entry_ids)
