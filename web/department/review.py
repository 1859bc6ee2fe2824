"""The steps of a review, comments, and what waits for the person."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge.clock import SHANGHAI
from knowledge.departments.models import Department
from knowledge.entries import service as entry_service
from knowledge.entries.lifecycle import MOVE_NAMES, STEP_NAMES, Move
from knowledge.entries.models import Entry
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Right
from knowledge.review import service as review_service
from knowledge.review.tasks import Duty, counted, tasks
from knowledge.review.tasks import waiting as counts
from web.access import actor, staff
from web.department.checks import require_checked
from web.department.page import deadlines, entry_page, told
from web.services import services

SHOWN = 50  # of each kind: the most urgent

blueprint = Blueprint("review", __name__, url_prefix="/department")

PLAIN = {
    Move.RECALL: review_service.recall,
    Move.DISCARD: entry_service.discard,
    Move.CONFIRM: review_service.confirm,
    Move.REVIVE: entry_service.revive,
}
WITH_REASON = {
    Move.RETURN: review_service.send_back,
    Move.EMERGENCY: review_service.publish_in_emergency,
    Move.ARCHIVE: entry_service.archive,
}
WITH_DEADLINE = {Move.SUBMIT: review_service.submit, Move.PASS: review_service.pass_on}
DUTIES = {
    Duty.MEND: ("退回给我的", "改好后再提交审核。"),
    Duty.REVIEW: ("等我部门审核的", ""),
    Duty.PUBLISH: ("等我终审发布的", ""),
    Duty.BEHALF: (
        "可以代部门审核的",
        "部门没有审核员或来不及时，可以代为审核，会记录下来。",
    ),
    Duty.RECHECK: (
        "待复核的",
        "还在服务。没有变的，由审核员打开后点“确认仍然有效”；变了的，改好提交；作废的下架。",
    ),
    Duty.AWAIT: ("我写的，正在别人手里", ""),
}
DONE = {
    Move.SUBMIT: "已提交审核。",
    Move.RECALL: "已撤回，可以继续修改。",
    Move.DISCARD: "已放弃这次修改，在用的版本没有变。放弃的内容在“全部版本”里还能找到。",
    Move.PASS: "部门审核已通过，交给热线终审了。",
    Move.RETURN: "已退回给提交的人，原因会显示在编辑页最上面。",
    Move.APPROVE: "已发布，市民和话务员现在就能查到。",
    Move.EMERGENCY: "已紧急发布，市民和话务员现在就能查到。这一次已单独记录。",
    Move.CONFIRM: "已确认仍然有效，下次复核的日期往后推了。",
    Move.ARCHIVE: "已归档，列表里不再显示。需要时可以恢复为草稿。",
    Move.REVIVE: "已恢复为草稿。",
}


@blueprint.get("/tasks")
@staff(Right.READ_ENTRIES)
def waiting() -> str:
    """Show what waits for the person, the overdue first."""
    with services().database.read() as session:
        found = tasks(session, actor())
        how_many, _ = counts(session, actor())
        mine = actor().department_id
        own = session.get(Department, mine) if mine is not None else None
    groups = [
        (duty, *DUTIES[duty], [one for one in found if one.duty is duty][:SHOWN], how_many[duty])
        for duty in Duty
    ]
    return render_template(
        "department/tasks.html",
        groups=groups,
        count=counted(how_many),
        shown=SHOWN,
        found=found,
        steps=STEP_NAMES,
        own=own,
    )


@blueprint.post(f"/entries/<code>/<any({', '.join(DONE)}):move>")
@staff(Right.READ_ENTRIES)
def step(code: str, move: str) -> Response | tuple[str, int]:
    """Take a step of the entry's life; the domain says who may."""
    wanted = Move(move)
    seen = request.form.get("lock_version", 0, type=int)
    try:
        require_checked(wanted, code, seen)
        with services().database.write() as session:
            entry = entry_service.entry_coded(session, code)
            _take(session, wanted, entry, seen)
    except (ContentError, ConflictError) as error:
        return _not_done(code, f"没有{MOVE_NAMES[wanted]}", error)
    planned = wanted is Move.APPROVE and request.form.get("publish_at")
    flash("终审已通过，到时间会自动发布。" if planned else DONE[wanted], "good")
    return redirect(url_for("department.entry", code=code))  # type: ignore[return-value]


@blueprint.post("/entries/<code>/comments")
@staff(Right.READ_ENTRIES)
def comment(code: str) -> Response | tuple[str, int]:
    """Leave a comment on the version that is pending, or in service."""
    text = request.form.get("comment", "")
    try:
        with services().database.write() as session:
            entry = entry_service.entry_coded(session, code)
            review_service.comment(session, actor(), entry, text)
    except (ContentError, ConflictError) as error:
        return _not_done(code, "没有留言", error)
    return redirect(url_for("department.entry", code=code, _anchor="trail"))  # type: ignore[return-value]


def _not_done(code: str, what: str, error: ContentError | ConflictError) -> tuple[str, int]:
    """Show the entry as it is now, with what the person had typed."""
    flash(f"{what}：{error}", "bad")
    with services().database.read() as session:
        entry = entry_service.entry_coded(session, code)
        typed: Mapping[str, str] = request.form.to_dict()
        return entry_page(session, entry, typed=typed), told(error)


def _take(session: Session, move: Move, entry: Entry, seen: int) -> None:
    if move in PLAIN:
        PLAIN[move](session, actor(), entry, seen)
    elif move in WITH_REASON:
        WITH_REASON[move](session, actor(), entry, seen, request.form.get("reason", ""))
    elif move in WITH_DEADLINE:
        WITH_DEADLINE[move](session, actor(), entry, seen, deadlines())
    else:
        review_service.approve(session, actor(), entry, seen, _publish_at())


def _publish_at() -> datetime | None:
    text = request.form.get("publish_at", "").strip()
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)).astimezone(
            SHANGHAI
        )
    except (ValueError, OverflowError) as error:
        raise ContentError({"publish_at": "定时发布请按 2026-03-01 09:00 的样子填写"}) from error
