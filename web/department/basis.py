"""Paste or name a document: the entries that cite it, marked for re-review in one step."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge.basis.citing import Citing, citing
from knowledge.basis.documents import TEXT_LENGTH, Document, documents, within_limits
from knowledge.entries.lists import STATE_NAMES
from knowledge.entries.service import REASON_LENGTH
from knowledge.errors import ContentError
from knowledge.people.actor import Right
from knowledge.rereviews.service import Marked, mark, marked
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("basis", __name__, url_prefix="/department/basis")

SHOWN = 300


@blueprint.get("")
@blueprint.get("/")
@staff(Right.READ_ENTRIES)
def home() -> str | tuple[str, int]:
    """Ask for a document, or list the entries that cite those in the address."""
    text = request.args.get("q", "")
    return _page(text) if text.strip() else _form()


@blueprint.post("")
@staff(Right.READ_ENTRIES)
def find() -> Response | tuple[str, int]:
    """Find the documents in a text; the address that is shown then holds them alone."""
    text = request.form.get("q", "")[: TEXT_LENGTH + 1]
    try:
        found = documents(text)
    except ContentError as error:
        return _form(text, error.problems), 422
    kept = within_limits(found)
    if len(kept) < len(found):
        flash(f"找到 {len(found)} 个文件，先查前 {len(kept)} 个；其余的请再查一次。", "bad")
    return redirect(url_for("basis.home", q="\n".join(one.named for one in kept)))  # type: ignore[return-value]


@blueprint.post("/mark")
@staff(Right.EDIT_ENTRIES)
def mark_found() -> Response | tuple[str, int]:
    """Mark the chosen entries, or all that cite the documents and that the person may mark."""
    text, reason = request.form.get("q", "")[:TEXT_LENGTH], request.form.get("reason", "")
    chosen = {int(one) for one in request.form.getlist("entry")[:SHOWN] if _is_id(one)}
    try:
        wanted = within_limits(documents(text))
        with services().database.write() as session:
            found = {one.entry_id for one in citing(session, wanted) if _may(one)}
            if request.form.get("which") != "all":
                found &= chosen
            if not found:
                raise ContentError({"entry": "请先勾选要标记的条目（只能标记本部门的）"})
            outcome = mark(session, actor(), found, reason)
    except ContentError as error:
        flash(f"没有标记：{error}", "bad")
        return _again(text, error.problems, reason, chosen)
    flash(_told(outcome), "good")
    return redirect(url_for("basis.home", q="\n".join(one.named for one in wanted)))  # type: ignore[return-value]


def _again(text: str, problems: dict[str, str], reason: str, chosen: set[int]) -> tuple[str, int]:
    if "q" in problems:
        return _form(text, problems), 422
    page = _page(text, problems, reason, chosen)
    return (page, 422) if isinstance(page, str) else page


def _form(text: str = "", problems: dict[str, str] | None = None) -> str:
    return render_template(
        "department/basis.html",
        text=text,
        problems=problems or {},
        wanted=[],
        found=[],
        length=TEXT_LENGTH,
    )


def _page(
    text: str,
    problems: dict[str, str] | None = None,
    reason: str = "",
    chosen: set[int] | None = None,
) -> str | tuple[str, int]:
    try:
        wanted = within_limits(documents(text))
    except ContentError as error:
        return _form(text, error.problems), 422
    with services().database.read() as session:
        found = sorted(citing(session, wanted), key=lambda one: not _may(one))
        known = marked(session, [one.entry_id for one in found])
    return render_template(
        "department/basis.html",
        text=text,
        problems=problems or {},
        wanted=wanted,
        found=found[:SHOWN],
        total=len(found),
        mine={one.entry_id for one in found if _may(one)},
        known=known,
        chosen=chosen or set(),
        reason=reason or _reason(wanted),
        reason_length=REASON_LENGTH,
        states=STATE_NAMES,
        length=TEXT_LENGTH,
    )


def _may(one: Citing) -> bool:
    return actor().may(Right.EDIT_ENTRIES, one.department_id, one.category_id)


def _reason(wanted: list[Document]) -> str:
    named = "、".join(one.named for one in wanted)
    return f"依据有变化：{named}" if len(named) <= REASON_LENGTH - 10 else "依据有变化"


def _told(outcome: Marked) -> str:
    told = f"已把 {outcome.marked} 条标为“待复核”，责任部门会在“待我处理”里看到。"
    if outcome.known:
        told += f"{outcome.known} 条先前已按同样的原因标过。"
    if outcome.gone:
        told += f"{outcome.gone} 条已不在服务，没有标。"
    return told


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
