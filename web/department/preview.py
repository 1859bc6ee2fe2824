"""What is being typed, as a citizen's card, as WeChat messages, and as operators see it."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.content import ANSWER_LENGTH, EntryContent
from knowledge.entries.guide import lines
from knowledge.entries.service import entry_coded
from knowledge.people.actor import Right
from web.access import staff
from web.department.forms import EntryForm
from web.plain_text import MESSAGE_BYTES, entry_messages
from web.services import services

blueprint = Blueprint("preview", __name__, url_prefix="/department")


@blueprint.post("/preview")
@staff(Right.READ_ENTRIES)
def preview() -> str:
    """Return (as a piece of a page) three views of the form as it stands."""
    content = _tidy(EntryForm().content())
    with services().database.read() as session:
        department = _department(session)
        return render_template(
            "department/preview.html",
            content=content,
            department=department.name if department else "",
            phone=department.phone if department else None,
            today=clock.now(),
            messages=entry_messages(content.answer, content),
            message_bytes=MESSAGE_BYTES,
        )


def _tidy(content: EntryContent) -> EntryContent:
    """Return the content as it would be stored, as far as it may break the rules still."""
    return replace(
        content,
        answer=content.answer[:ANSWER_LENGTH].replace("\r\n", "\n").strip(),
        materials=lines(content.materials),
        steps=lines(content.steps, numbered=True),
        places=lines(content.places),
        fees=content.fees.strip(),
        time_limit=content.time_limit.strip(),
    )


def _department(session: Session) -> Department | None:
    """Return the department that owns what is typed, where the form says which."""
    code, asked = request.form.get("code", ""), request.form.get("department", "")
    if code:
        return entry_coded(session, code).department
    named = asked.isascii() and asked.isdigit() and len(asked) < 10
    return session.get(Department, int(asked)) if named else None
