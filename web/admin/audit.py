"""The audit log, searched and handed out."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.chain import digest
from knowledge.audit.export import MOST, WRITERS
from knowledge.audit.models import AuditRecord
from knowledge.audit.search import Filter, every, last_verified, one, search
from knowledge.audit.service import record
from knowledge.audit.wording import ACTION_NAMES, action_name, changes, subject_name
from knowledge.entries.models import Entry
from knowledge.errors import NotFoundError
from knowledge.people.actor import Right
from knowledge.people.service import users
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LENGTH = 100


@blueprint.app_context_processor
def _may_read() -> dict[str, object]:
    """Tell the rail whether this place is for the person."""
    from flask_login import current_user

    return {"may_read_audit": current_user.is_authenticated and actor().may(Right.READ_AUDIT)}


@blueprint.get("")
@blueprint.get("/")
@staff(Right.READ_AUDIT)
def rows() -> str:
    """List the rows that are asked for, newest first."""
    wanted, problems = _filter()
    asked = request.args.get("before", type=int)
    with services().database.read() as session:
        found = search(session, actor(), wanted, asked)
        return render_template(
            "admin/audit.html",
            found=found,
            wanted=wanted,
            problems=problems,
            asked=asked,
            codes=_codes(session, found.rows),
            verified=last_verified(session),
            people=sorted({user.display_name for user in users(session)}),
            actions=ACTION_NAMES,
            action_name=action_name,
            subject_name=subject_name,
            changes=changes,
            most=MOST,
        )


@blueprint.get("/<int(max=9007199254740991):number>")
@staff(Right.READ_AUDIT)
def row(number: int) -> str:
    """Show one row: what was before and after, and whether its own hash holds."""
    with services().database.read() as session:
        found = one(session, actor(), number)
        return render_template(
            "admin/audit_row.html",
            row=found,
            sound=digest(vars(found), found.previous) == found.hash,
            code=_codes(session, [found]).get(found.subject),
            changes=changes(found.before, found.after),
            action=action_name(found.action),
            subject=subject_name(found.subject),
        )


@blueprint.post("/export.<kind>")
@staff(Right.READ_AUDIT)
def export(kind: str) -> Response:
    """Hand out the rows that are asked for; that they went out is noted first."""
    if kind not in WRITERS:
        raise NotFoundError("操作记录只能导出为 csv 或 xlsx")
    wanted, _ = _filter()
    database = services().database
    with database.write() as session:
        after = {"kind": kind, "filter": wanted.told()}
        record(session, actor(), "audit_exported", "audit", after=after)
    with tempfile.TemporaryDirectory(prefix="hotline-audit-") as folder:
        path = Path(folder) / "audit"
        with database.read() as session:
            WRITERS[kind](path, every(session, actor(), wanted, MOST))
        content = path.read_bytes()
    name = quote(f"操作记录-{clock.today().isoformat()}.{kind}")
    return Response(
        content,
        content_type=TYPES[kind],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _filter() -> tuple[Filter, dict[str, str]]:
    problems: dict[str, str] = {}

    def text(name: str) -> str:
        return request.values.get(name, "")[:LENGTH].strip()

    def day(name: str) -> date | None:
        try:
            return date.fromisoformat(text(name)) if text(name) else None
        except ValueError:
            problems[name] = "请按 2026-03-01 这样的格式填写日期"
            return None

    since, until = day("since"), day("until")
    if until is not None and until >= date.max:
        until = None
    if since and until and since > until:
        problems["until"] = "“到”早于“从”，请检查日期"
    return Filter(
        text("person"), text("action"), text("subject"), since, until, text("q")
    ), problems


def _codes(session: Session, found: Sequence[AuditRecord]) -> dict[str, str]:
    """Return the codes of the entries that rows are about, by the rows' subjects."""
    numbers = {
        int(number)
        for kind, _, number in (row.subject.partition(":") for row in found)
        if kind == "entry" and number.isdecimal()
    }
    query = select(Entry.id, Entry.code).where(Entry.id.in_(numbers))
    return {f"entry:{entry_id}": code for entry_id, code in session.execute(query)}
