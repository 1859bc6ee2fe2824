"""Knowledge gaps: what citizens asked and the base did not answer, and what is done about it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge.audit.service import history
from knowledge.departments.service import departments
from knowledge.entries.models import Entry
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.gaps import service as gap_service
from knowledge.gaps.checking import nearest
from knowledge.gaps.collecting import REASON_NAMES
from knowledge.gaps.lists import Filter, account
from knowledge.gaps.lists import gaps as listed_gaps
from knowledge.gaps.models import Gap
from knowledge.gaps.status import STATUS_NAMES, Status
from knowledge.gaps.workbook import MOST_ROWS, write
from knowledge.people.actor import Right
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("gaps", __name__, url_prefix="/department/gaps")

GAP = "/<int(max=2147483647):gap_id>"
PERIODS = {7: "最近 7 天", 30: "最近 30 天", 90: "最近 90 天"}
CHANNELS = {"web": "网页", "wechat": "微信", "api": "检索接口", "desk": "坐席"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTIONS = {
    "gap_assigned": "改了分派",
    "gap_bound": "开始补充条目",
    "gap_answered": "标为已由条目解答",
    "gap_out_of_remit": "标为不属于本级受理范围",
    "gap_ignored": "忽略",
    "gap_open": "重新打开",
    "gap_reopened": "又被多次问起，自动重新打开",
    "gap_closed_itself": "条目已能解答，自动关闭",
    "gap_merged": "并入别的组",
    "gap_grew": "并入了别的组",
    "gap_split": "拆出了一部分",
    "gap_split_off": "从别的组拆出",
}


@blueprint.get("")
@blueprint.get("/")
@staff(Right.EDIT_ENTRIES)
def listed() -> str:
    """List the gaps of the person's departments, and those that are nobody's."""
    wanted = _filter()
    with services().database.read() as session:
        page = listed_gaps(session, actor(), wanted, request.args.get("page", 1, type=int))
        return render_template(
            "department/gaps.html",
            page=page,
            wanted=wanted,
            departments=departments(session),
            statuses=STATUS_NAMES,
            periods=PERIODS,
            manages=gap_service.manages(actor()),
        )


@blueprint.get("/export.xlsx")
@staff(Right.EDIT_ENTRIES)
def export() -> Response:
    """Hand out the list as it is filtered."""
    with (
        services().database.read() as session,
        tempfile.TemporaryDirectory(prefix="hotline-gaps-") as folder,
    ):
        path = Path(folder) / "gaps.xlsx"
        page = listed_gaps(session, actor(), _filter(), 1, MOST_ROWS)
        write(session, path, page.rows)
        content = path.read_bytes()
    name = quote("知识缺口.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, content_type=XLSX, headers=headers)


@blueprint.post("/regroup")
@staff(Right.EDIT_ENTRIES)
def regroup() -> Response:
    """Have what nobody decided on grouped anew."""
    if not gap_service.manages(actor()):
        raise NotAllowedError("只有知识管理员可以重新归并")
    services().gaps.ask_to_regroup()
    flash("正在重新归并，过一会儿刷新就能看到。已经处理或分派过的组不会变。", "good")
    return redirect(url_for("gaps.listed"))  # type: ignore[return-value]


@blueprint.get(GAP)
@staff(Right.EDIT_ENTRIES)
def gap(gap_id: int) -> Response | str:
    """Show a gap: its questions, what was answered instead, and what can be done."""
    with services().database.read() as session:
        found = gap_service.gap_for(session, actor(), gap_id)
        if found.merged_into is not None:
            flash("这一组已经并入下面这一组。", "good")
            return redirect(url_for("gaps.gap", gap_id=found.merged_into))  # type: ignore[return-value]
        return _page(session, found)


@blueprint.post(f"{GAP}/assign")
@staff(Right.EDIT_ENTRIES)
def assign(gap_id: int) -> Response:
    """Give the gap to a department, or back."""
    wanted = request.form.get("department", 0, type=int) or None

    def change(session: Session, seen: int) -> str:
        gap_service.assign(session, actor(), gap_id, seen, wanted)
        return "已分派。" if wanted else "已退回，等待分派。"

    return _changed(gap_id, change)


@blueprint.post(f"{GAP}/decide")
@staff(Right.EDIT_ENTRIES)
def decide(gap_id: int) -> Response:
    """Close a gap without writing, or open it again."""
    form, who = request.form, actor()

    def change(session: Session, seen: int) -> str:
        match form.get("outcome"):
            case "out_of_remit":
                reason = form.get("reason", "")
                gap_service.out_of_remit(session, who, gap_id, seen, reason)
                return "已标为不属于本级受理范围。以后类似的问题会归到这里，不再出现在待处理里。"
            case "answered":
                gap_service.answered_by(session, who, gap_id, seen, form.get("entry", ""))
                return "已标为由这一条解答。七天内又被问三次以上，会自动重新打开。"
            case "ignored":
                gap_service.ignore(session, who, gap_id, seen, form.get("reason", ""))
                return "已忽略。"
            case "open":
                gap_service.reopen(session, who, gap_id, seen)
                return "已重新打开。"
        raise ContentError({"outcome": "没有选择怎么处理，请重新点一次"})

    return _changed(gap_id, change)


@blueprint.post(f"{GAP}/questions")
@staff(Right.EDIT_ENTRIES)
def questions(gap_id: int) -> Response:
    """Add the questions that were ticked to an entry, or take them out of the group."""
    texts = request.form.getlist("texts")[:500]
    code = request.form.get("entry", "")[:64]
    if request.form.get("action") == "split":

        def change(session: Session, seen: int) -> str:
            new = gap_service.split(session, actor(), gap_id, seen, texts)
            return f"已拆出，成为第 {new.id} 组。"

        return _changed(gap_id, change)

    def add(session: Session, seen: int) -> str:
        gap_service.add_phrasings(session, actor(), gap_id, seen, code, texts)
        return "已加进这一条的草稿。请看一遍，再发布；发布后系统会自动检查这一组是不是都答上了。"

    opened = url_for("department.entry", code=code) if code else None
    return _changed(gap_id, add, opened)


@blueprint.post(f"{GAP}/merge")
@staff(Right.EDIT_ENTRIES)
def merge(gap_id: int) -> Response:
    """Put another gap's questions into this one."""
    other = request.form.get("other", 0, type=int)

    def change(session: Session, seen: int) -> str:
        gap_service.merge(session, actor(), gap_id, seen, other)
        return f"第 {other} 组已并入。"

    return _changed(gap_id, change)


def _changed(
    gap_id: int, change: Callable[[Session, int], str], then: str | None = None
) -> Response:
    """Do what was asked and say so, or say why it was not done."""
    seen = request.form.get("lock_version", 0, type=int)
    back = url_for("gaps.gap", gap_id=gap_id)
    try:
        with services().database.write() as session:
            told = change(session, seen)
    except (ContentError, ConflictError) as error:
        flash(f"没有保存：{error}", "bad")
        return redirect(back)  # type: ignore[return-value]
    services().gaps.wake()
    flash(told, "good")
    return redirect(then or back)  # type: ignore[return-value]


def _page(session: Session, found: Gap) -> str:
    search = services().search
    who = actor()
    near = nearest(session, search, found.title) if search.ready else []
    names = {one.id: one.name for one in departments(session)}
    return render_template(
        "department/gap.html",
        gap=found,
        told=account(session, found.id),
        near=near,
        entry=session.get(Entry, found.entry_id) if found.entry_id else None,
        names=names,
        owners={one for one in names if who.may(Right.EDIT_ENTRIES, one)},
        mine=who.department_id,
        status=Status(found.status),
        statuses=STATUS_NAMES,
        reasons=REASON_NAMES,
        channels=CHANNELS,
        actions=ACTIONS,
        decides=gap_service.decides(who, found),
        manages=gap_service.manages(who),
        history=history(session, f"gap:{found.id}", 12),
        reason_length=gap_service.REASON_LENGTH,
    )


def _filter() -> Filter:
    args = request.args
    status, days = args.get("status", Status.OPEN.value), args.get("days", 0, type=int)
    return Filter(
        text=args.get("q", "")[:100].strip(),
        department_id=args.get("department", 0, type=int) or None,
        status=Status(status) if status in set(Status) else None,
        days=days if days in PERIODS else None,
    )
