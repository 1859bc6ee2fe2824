"""Checks before a publication: on the entry's page, on demand, and the lists behind them."""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from knowledge.checks import figures, frozen
from knowledge.checks import lists as check_lists
from knowledge.checks.findings import SEVERITY_NAMES
from knowledge.checks.links import Site
from knowledge.checks.lists import Name
from knowledge.checks.models import VersionCheck
from knowledge.checks.service import (
    UNSAVED,
    WHAT_NEXT,
    Checker,
    Report,
    kept,
    let_pass,
    stands_in_the_way,
)
from knowledge.entries import service as entry_service
from knowledge.entries.content import EntryContent, checked
from knowledge.entries.lifecycle import Move, may
from knowledge.entries.models import Entry
from knowledge.entries.pending import standing
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.evaluation.history import State, evaluations
from knowledge.people.actor import Right
from knowledge.review import service as review_service
from web.access import Audience, access_of, actor, staff
from web.department.forms import EntryForm
from web.department.page import deadlines
from web.services import services

blueprint = Blueprint("checks", __name__, url_prefix="/department")

GATED = frozenset({Move.SUBMIT, Move.APPROVE})
ENTRY = "/entries/<code>/checks"
NOT_READY = "检索正在启动，还不能做发布前检查，请过一会儿再提交"
LISTS = {
    Name.WORDS: "禁用词",
    Name.REPEALED: "已废止、失效的文件",
}


@dataclass(frozen=True)
class Shown:
    """What was found in the pending version, for its page."""

    row: VersionCheck
    report: Report
    current: bool
    same_text: bool
    in_the_way: bool


def checker() -> Checker:
    """Return the checks of this process, which know its pages."""
    held = services()
    site = Site(frozenset({request.host.partition(":")[0]}), _opens)
    return Checker(held.database, held.search, site, held.settings.check_worse_allowed)


def asked() -> bool:
    """Tell whether the button that submits was pressed."""
    return request.form.get("action") == "submit"


def examined(content: EntryContent, code: str = "") -> Report | None:
    """Examine what is about to be submitted; None where it is not, or cannot be now.

    What breaks the rules, or is not this person's to write, is for the domain to refuse.
    """
    if not asked() or not services().search.ready:
        return None
    entry_id = UNSAVED
    if code:
        with services().database.read() as session:
            entry = entry_service.entry_coded(session, code)
            if not may(actor(), Move.SAVE, standing(entry)):
                return None
            entry_id = entry.id
    try:
        return checker().examine(checked(content), entry_id, code)
    except ContentError:
        return None


def submitted(session: Session, entry: Entry, report: Report | None) -> str:
    """Submit the draft that was saved, if that was asked for; returns why it was not, or ""."""
    if not asked():
        return ""
    if report is None or entry.draft is None:
        return NOT_READY
    if stands_in_the_way(checker().keep(session, actor(), entry.draft, report)):
        return f"发布前检查有 {len(report.blocking)} 处必须处理，{WHAT_NEXT}"
    review_service.submit(session, actor(), entry, entry.lock_version, deadlines())
    return ""


def require_checked(move: Move, code: str, seen: int) -> None:
    """Refuse a step towards publication where something stands in its way.

    Whether the person may take the step at all is for the domain to say.

    Raises:
        ConflictError
    """
    if move not in GATED:
        return
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        may_go = may(actor(), move, standing(entry)) and entry.lock_version == seen
        if may_go and entry.draft is not None:
            checker().require(actor(), entry)


@blueprint.app_context_processor
def _of_entries() -> dict[str, object]:
    return {"check_of": _shown, "severities": SEVERITY_NAMES, "marked": figures.marked}


@blueprint.post(ENTRY)
@staff(Right.EDIT_ENTRIES)
def again(code: str) -> Response:
    """Examine the pending version anew."""
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        if not review_service.may_comment(actor(), entry):
            raise NotAllowedError("这一条属于其他部门，您不能检查它的草稿")
        try:
            found = checker().check(actor(), entry)
            told = "检查好了，结果在下面。" if found else "没有待发布的修改，不用检查。"
            flash(told, "good")
        except ConflictError as error:
            flash(f"没有检查：{error}", "bad")
    return redirect(url_for("department.entry", code=code, _anchor="checks"))  # type: ignore[return-value]


@blueprint.post(f"{ENTRY}/pass")
@staff(Right.PUBLISH_ENTRIES)
def override(code: str) -> Response:
    """Let the version pass although something stands in the way."""
    seen, reason = request.form.get("digest", "")[:64], request.form.get("reason", "")
    try:
        with services().database.write() as session:
            let_pass(session, actor(), entry_service.entry_coded(session, code), seen, reason)
        flash("已放行，理由记在记录里。现在可以提交或发布。", "good")
    except (ContentError, ConflictError) as error:
        flash(f"没有放行：{error}", "bad")
    return redirect(url_for("department.entry", code=code, _anchor="checks"))  # type: ignore[return-value]


@blueprint.post("/checks/try")
@staff(Right.EDIT_ENTRIES)
def attempt() -> str | tuple[str, int]:
    """Return (as a piece of a page) what is found in what is being written; nothing is kept."""
    form, code = EntryForm(), request.form.get("code", "")[:64]
    entry_id = UNSAVED
    try:
        if code:
            with services().database.read() as session:
                entry_id = entry_service.entry_coded(session, code).id
        report = checker().examine(checked(form.content()), entry_id, code)
    except (ContentError, ConflictError) as error:
        return render_template("department/checks_report.html", report=None, problem=error), 422
    answer = form.answer.data or ""
    return render_template(
        "department/checks_report.html", report=report, problem=None, answer=answer
    )


@blueprint.get("/checks")
@staff(Right.READ_ENTRIES)
def rules() -> str:
    """Show the lists and the frozen questions."""
    return _rules()


@blueprint.post("/checks/lists/<any(words, repealed):which>")
@staff(Right.MANAGE_CATEGORIES)
def save_list(which: str) -> Response | tuple[str, int]:
    """Save a list."""
    wanted, text = Name(which), request.form.get("text", "")
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            check_lists.save(session, actor(), wanted, text, seen)
    except ContentError as error:
        return _rules({which: text}, {which: str(error)}), 422
    except ConflictError as error:
        told = f"{error}。您写的还在下面；再保存一次就以您写的为准"
        return _rules({which: text}, {which: told}), 409
    flash(f"已保存“{LISTS[wanted]}”，以后的检查都按它来。", "good")
    return redirect(url_for("checks.rules"))  # type: ignore[return-value]


@blueprint.post("/checks/frozen")
@staff(Right.EVALUATE)
def freeze() -> Response:
    """Add a batch hit test's questions to the frozen ones, or take all away."""
    try:
        with services().database.write() as session:
            if request.form.get("action") == "clear":
                told = f"已清空 {frozen.clear(session, actor()):,} 道必测题。"
            else:
                number = request.form.get("evaluation", 0, type=int)
                told = f"已加入 {frozen.freeze(session, actor(), number):,} 道必测题。"
        flash(told, "good")
    except ConflictError as error:
        flash(f"没有改动：{error}", "bad")
    return redirect(url_for("checks.rules", _anchor="frozen"))  # type: ignore[return-value]


def _rules(typed: dict[str, str] | None = None, problems: dict[str, str] | None = None) -> str:
    who = actor()
    with services().database.read() as session:
        found = {name: check_lists.kept(session, name) for name in Name}
        runs = evaluations(session, who, 20) if who.may(Right.EVALUATE) else []
        return render_template(
            "department/checks.html",
            lists=found,
            names=LISTS,
            typed=typed or {},
            problems=problems or {},
            editable=who.may(Right.MANAGE_CATEGORIES),
            runs=[one for one in runs if one.state == State.DONE.value],
            frozen=frozen.sources(session),
            total=frozen.count(session),
            most=frozen.MOST,
            days=frozen.LOGGED_DAYS,
            worse_allowed=services().settings.check_worse_allowed,
        )


def _shown(entry: Entry) -> Shown | None:
    """Return what was found in the entry's pending version, where it was examined."""
    with services().database.read() as session:
        row = kept(session, entry)
        if row is None:
            return None
        one = checker()
        report, same = Report.from_json(row.report), one.same_text(entry, row)
        current = one.is_current(session, entry, row)
        return Shown(row, report, current, same, same and stands_in_the_way(row))


def _opens(path: str) -> bool:
    """Tell whether citizens can open a path of this site."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    access = access_of(current_app, str(endpoint))
    return access is not None and access.audience is Audience.EVERYONE
