"""What the hotline's own staff handle: notes that citizens left."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge.errors import ConflictError, ContentError
from knowledge.notes import service as note_service
from knowledge.people.actor import Right
from knowledge.privacy.sealing import masked
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


@blueprint.get("/notes")
@staff(Right.HANDLE_NOTES)
def notes() -> str:
    """List open notes, or those handled."""
    return _page()


@blueprint.post("/notes/<int(max=2147483647):note_id>/contact")
@staff(Right.HANDLE_NOTES)
def contact(note_id: int) -> str:
    """Show one note's phone number; that it was read goes into the audit log."""
    held = services()
    with held.database.write() as session:
        number = note_service.read_contact(session, held.sealer, actor(), note_id)
    return _page(shown={note_id: number})


@blueprint.post("/notes/<int(max=2147483647):note_id>/close")
@staff(Right.HANDLE_NOTES)
def close(note_id: int) -> Response:
    """Close a note with what was done."""
    try:
        with services().database.write() as session:
            note_service.close(session, actor(), note_id, request.form.get("outcome", ""))
        flash("留言已办结。", "good")
    except (ContentError, ConflictError) as error:
        flash(f"没有保存：{error}", "bad")
    return redirect(url_for("desk.notes"))  # type: ignore[return-value]


def _page(shown: dict[int, str] | None = None) -> str:
    held = services()
    handled = request.args.get("handled") == "1"
    with held.database.read() as session:
        listed = note_service.notes(session, actor(), handled=handled)
        contacts = {note.id: masked(held.sealer.open(note.sealed_contact)) for note in listed}
    return render_template(
        "desk/notes.html", notes=listed, handled=handled, contacts=contacts, shown=shown or {}
    )
