"""The versions of an entry: listed, read, compared, restored; what was answered on a day."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge.categories.service import leaf_paths
from knowledge.clock import SHANGHAI, today
from knowledge.entries import history as versions_of
from knowledge.entries import service as entry_service
from knowledge.entries.differences import differences
from knowledge.entries.lifecycle import STEP_NAMES, Move, may
from knowledge.entries.pending import standing
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.admin.forms import number
from web.department.page import NOTES
from web.services import services

blueprint = Blueprint("versions", __name__, url_prefix="/department/entries/<code>/versions")

NUMBER = "<int(max=2147483647):number>"


@blueprint.get("")
@staff(Right.READ_ENTRIES)
def listed(code: str) -> str:
    """List all versions; with a day (and a time), say what was answered then."""
    asked = _asked()
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        found = versions_of.versions(session, entry)
        answered = versions_of.spells(session, entry, *asked) if asked else []
        return render_template(
            "department/versions.html",
            entry=entry,
            shown=entry.draft or entry.published,
            versions=found,
            answered=answered,
            asked=asked,
            wrong=bool(request.args.get("day")) and asked is None,
            today=today().isoformat(),
            steps=STEP_NAMES,
        )


@blueprint.get("/compare")
@staff(Right.READ_ENTRIES)
def compare(code: str) -> str:
    """Show in what two versions differ, the older one on the left."""
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        older, newer = sorted(number(request.args.get(name)) or 0 for name in ("a", "b"))
        before = versions_of.version_numbered(session, entry, older)
        after = versions_of.version_numbered(session, entry, newer)
        found = differences(content_of(before), content_of(after), leaf_paths(session))
        return render_template(
            "department/compare.html", entry=entry, before=before, after=after, compared=found
        )


@blueprint.get(f"/{NUMBER}")
@staff(Right.READ_ENTRIES)
def version(code: str, number: int) -> str:
    """Show one version whole, with what was noted on it."""
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        found = versions_of.version_numbered(session, entry, number)
        return render_template(
            "department/version.html",
            entry=entry,
            version=found,
            category=leaf_paths(session).get(found.category_id, "（分类已不存在）"),
            trail=versions_of.notes_on(session, found),
            note_names=NOTES,
            may_restore=may(actor(), Move.SAVE, standing(entry)) and found is not entry.draft,
        )


@blueprint.post(f"/{NUMBER}/restore")
@staff(Right.EDIT_ENTRIES)
def restore(code: str, number: int) -> Response:
    """Let the draft say what this version said."""
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            entry = entry_service.entry_coded(session, code)
            versions_of.restore(session, actor(), entry, seen, number)
    except (ContentError, ConflictError) as error:
        flash(f"没有恢复：{error}", "bad")
        return redirect(url_for("versions.version", code=code, number=number))  # type: ignore[return-value]
    flash(f"第 {number} 版已恢复为草稿，还没有提交审核。", "good")
    return redirect(url_for("department.entry", code=code))  # type: ignore[return-value]


def _asked() -> tuple[datetime, datetime] | None:
    """Return the span that the address line asks about: a whole day, or a minute of it."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
        clock_time = request.args.get("time", "")
        start = datetime.combine(day, time.fromisoformat(clock_time or "00:00"), SHANGHAI)
        return start, start + (timedelta(minutes=1) if clock_time else timedelta(days=1))
    except (ValueError, OverflowError):
        return None
