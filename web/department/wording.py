"""Helps beside the field of similar questions: what citizens say, what other entries hold."""

from flask import Blueprint, Response, jsonify, render_template, request

from knowledge.entries.content import PHRASING_LENGTH
from knowledge.entries.service import entry_coded
from knowledge.errors import NotAllowedError
from knowledge.gaps.suggesting import dismiss, duplicates, similar_questions
from knowledge.people.actor import Right
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("wording", __name__, url_prefix="/department/wording")

CODE_LENGTH = 64


@blueprint.get("/suggested/<code>")
@staff(Right.EDIT_ENTRIES)
def suggested(code: str) -> str:
    """Return (as a piece of a page) what citizens asked that led to this entry."""
    with services().database.read() as session:
        entry = entry_coded(session, code)
        if not actor().may(Right.EDIT_ENTRIES, entry.department_id):
            raise NotAllowedError("这一条属于其他部门，您不能修改")
        found = similar_questions(session, entry)
    return render_template("department/suggested.html", found=found)


@blueprint.post("/suggested/<code>/dismiss")
@staff(Right.EDIT_ENTRIES)
def not_this(code: str) -> tuple[str, int]:
    """Never suggest this question for this entry again."""
    with services().database.write() as session:
        dismiss(session, actor(), code, request.form.get("text", "")[:PHRASING_LENGTH])
    return "", 204


@blueprint.post("/duplicates")
@staff(Right.EDIT_ENTRIES)
def twins() -> Response | tuple[Response, int]:
    """Return which other entries hold what is being typed already."""
    form, held = request.form, services()
    if not held.search.ready:
        return jsonify(duplicates=[]), 503
    text = form.get("text", "")[:PHRASING_LENGTH].strip()
    code, region = form.get("code", "")[:CODE_LENGTH], form.get("region", "")[:64].strip()
    with held.database.read() as session:
        found = duplicates(session, held.search, text, region, code)
    return jsonify(
        duplicates=[
            {
                "code": one.code,
                "question": one.question,
                "department": one.department,
                "phrasing": one.phrasing,
                "words": one.words,
            }
            for one in found[:3]
        ]
    )
