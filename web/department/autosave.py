"""What is being typed into the form of an entry, kept for the person who types it."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, request

from knowledge import clock
from knowledge.autosaves.service import forget, keep, kept
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.department.forms import EntryForm
from web.services import services

blueprint = Blueprint("autosave", __name__, url_prefix="/department/autosave")

SUBJECT_LENGTH = 80


@blueprint.get("")
@staff(Right.EDIT_ENTRIES)
def offered() -> Response:
    """Return what this person typed into the form and did not save."""
    subject = request.args.get("subject", "")[:SUBJECT_LENGTH]
    with services().database.read() as session:
        found = kept(session, actor(), subject)
        if found is None:
            return jsonify(saved=None)
        return jsonify(
            saved={
                "at": told(found.saved_at),
                "fields": found.fields,
                "lock_version": found.lock_version,
            }
        )


@blueprint.post("")
@staff(Right.EDIT_ENTRIES)
def save() -> Response | tuple[Response, int]:
    """Keep the fields of the form as they stand; nothing is checked, nobody else sees it."""
    form = EntryForm()
    names = [one.name for one in form if one.name not in {"csrf_token", "lock_version"}]
    fields = {name: request.form.getlist(name) for name in (*names, "department")}
    subject = request.form.get("subject", "")[:SUBJECT_LENGTH]
    try:
        with services().database.write() as session:
            at = keep(session, actor(), subject, fields, form.seen()).saved_at
    except (ContentError, ConflictError) as error:
        return jsonify(detail=str(error)), 422 if isinstance(error, ContentError) else 409
    return jsonify(at=told(at))


@blueprint.post("/discard")
@staff(Right.EDIT_ENTRIES)
def discard() -> tuple[str, int]:
    """Let go of what was kept."""
    with services().database.write() as session:
        forget(session, actor(), request.form.get("subject", "")[:SUBJECT_LENGTH])
    return "", 204


def told(instant: datetime) -> str:
    """Return an instant as people read it: 14:05, with the day if that is another one."""
    local, today = clock.local(instant), clock.local(clock.now()).date()
    day = "" if local.date() == today else f"{local.month}月{local.day}日 "
    return f"{day}{local.hour}:{local.minute:02d}"
