"""The department's page: its entries, listed, written, published, withdrawn."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge.autosaves.service import forget
from knowledge.categories.service import leaf_codes, leaf_paths
from knowledge.departments.models import Department
from knowledge.departments.service import departments
from knowledge.entries import service as entry_service
from knowledge.entries.content import EntryContent
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.department import checks
from web.department.editor import editor_context
from web.department.forms import EntryForm
from web.department.gap_form import bind_gap, new_subject, prefill
from web.department.page import conflict_with, entry_page
from web.services import services

blueprint = Blueprint("department", __name__, url_prefix="/department")


@blueprint.route("/entries/new", methods=["GET", "POST"])
@staff(Right.EDIT_ENTRIES)
def new() -> Response | tuple[str, int] | str:
    """Write a new entry."""
    with services().database.read() as session:
        owners = _own_departments(session)
        paths, codes = leaf_paths(session), leaf_codes(session)
    form = EntryForm()
    form.offer_categories(paths, codes)
    problems: dict[str, str] = {}
    if request.method == "GET":
        form.region.data = services().settings.region
        form.audience.data = ["个人", "企业"]
        prefill(form)
    else:
        problems = form.date_problems()
        if not problems:
            try:
                return _added(_chosen_owner(owners), form.content())
            except ContentError as error:
                problems = error.problems
    page = render_template(
        "department/new.html",
        form=form,
        problems=problems,
        owners=owners,
        **editor_context(new_subject()),
    )
    return (page, 422) if problems else page


@blueprint.get("/entries/<code>")
@staff(Right.READ_ENTRIES)
def entry(code: str) -> str:
    """Show an entry: to its department as a form, under review as differences, else as text."""
    with services().database.read() as session:
        return entry_page(session, entry_service.entry_coded(session, code))


@blueprint.post("/entries/<code>")
@staff(Right.EDIT_ENTRIES)
def save(code: str) -> Response | tuple[str, int]:
    """Save the draft, and submit it to the review when that button was pressed."""
    form = EntryForm()
    with services().database.read() as session:
        form.offer_categories(leaf_paths(session), leaf_codes(session))
    problems = form.date_problems()
    try:
        if problems:
            raise ContentError(problems)
        examined = checks.examined(form.content(), code)
        with services().database.write() as session:
            found = entry_service.entry_coded(session, code)
            entry_service.save_draft(session, actor(), found, form.content(), form.seen())
            forget(session, actor(), found.code)
            submitted = checks.submitted(session, found, examined)
    except ContentError as error:
        with services().database.read() as session:
            found = entry_service.entry_coded(session, code)
            return entry_page(session, found, form, problems=error.problems), 422
    except ConflictError as error:
        with services().database.read() as session:
            found = entry_service.entry_coded(session, code)
            conflict = conflict_with(session, found, form, error)
            return entry_page(session, found, form, conflict=conflict), 409
    return _saved(code, submitted)


@blueprint.post("/entries/<code>/withdraw")
@staff(Right.EDIT_ENTRIES)
def withdraw(code: str) -> Response:
    """Take an entry out of service."""
    reason = request.form.get("reason", "")
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            found = entry_service.entry_coded(session, code)
            entry_service.withdraw(session, actor(), found, seen, reason)
        flash("已下架，市民和话务员查不到这一条了。内容保留为草稿，改好后可以再提交审核。", "good")
    except (ContentError, ConflictError) as error:
        flash(f"没有下架：{error}", "bad")
    return redirect(url_for("department.entry", code=code))  # type: ignore[return-value]


def _chosen_owner(owners: list[Department]) -> int:
    asked = request.form.get("department")
    chosen = [one.id for one in owners if asked is None or asked == str(one.id)]
    if not chosen:
        raise NotAllowedError("您不能给这个部门新建条目，请选择名单里的部门")
    return chosen[0]


def _added(owner: int, content: EntryContent) -> Response:
    examined = checks.examined(content)
    with services().database.write() as session:
        added = entry_service.create(session, actor(), owner, content)
        bind_gap(session, added)
        forget(session, actor(), new_subject())
        submitted = checks.submitted(session, added, examined)
        code = added.code
    return _saved(code, submitted)


def _saved(code: str, submitted: str) -> Response:
    """Go to the entry; `submitted` tells why it was not, or nothing."""
    if checks.asked() and not submitted:
        flash("已提交审核。部门审核、热线终审通过后才会发布。", "good")
    elif submitted:
        flash(f"草稿已保存，没有提交审核：{submitted}", "bad")
        return redirect(url_for("department.entry", code=code, _anchor="checks"))  # type: ignore[return-value]
    else:
        flash("草稿已保存，还没有提交审核。", "good")
    return redirect(url_for("department.entry", code=code))  # type: ignore[return-value]


def _own_departments(session: Session) -> list[Department]:
    """Return the departments whose entries this person may write, the own one first."""
    mine = [d for d in departments(session) if actor().may(Right.EDIT_ENTRIES, d.id)]
    return sorted(mine, key=lambda d: d.id != actor().department_id)
