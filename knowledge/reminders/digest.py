"""What a person's daily mail says: titles and links, never an answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.people.actor import Actor
from knowledge.reminders.due import DueCounts, due_counts
from knowledge.review.periods import DUE_NAMES, Due, periods
from knowledge.review.tasks import Duty, Task, tasks
from knowledge.settings import Settings

TITLES = 10  # of each kind
DUTIES = {
    Duty.MEND: "退回给您的",
    Duty.REVIEW: "等您部门审核的",
    Duty.PUBLISH: "等您终审发布的",
    Duty.RECHECK: "待复核的",
}


@dataclass(frozen=True)
class Digest:
    """Subject and text of a mail."""

    subject: str
    text: str


def digest(session: Session, actor: Actor, settings: Settings) -> Digest | None:
    """Return what there is to tell `actor` today, or None where there is nothing."""
    kept = periods(session, settings.entry_review_days)
    due = due_counts(session, actor, kept)
    found = [one for one in tasks(session, actor) if one.duty in DUTIES]
    if not found and not due.total:
        return None
    lines = [f"{actor.name}，您好：", ""]
    lines += _of_rounds(due, settings.public_url)
    for duty, name in DUTIES.items():
        lines += _of_tasks(name, [one for one in found if one.duty is duty], settings.public_url)
    lines += _of_dates(due, settings.public_url)
    lines += [
        f"全部待办：{settings.public_url}/department/tasks",
        "",
        f"{settings.site_name}，{clock.today():%Y-%m-%d}。这封信由系统发出，请不要回复；"
        "不想再收，请系统管理员清空您的邮箱。",
    ]
    count = len(found) + due.total
    return Digest(f"知识库提醒：{count} 件要处理", "\n".join(lines) + "\n")


def _of_rounds(due: DueCounts, base: str) -> Iterator[str]:
    for one, left, late in due.rounds:
        told = "已超期" if late else f"{one.due_on:%Y-%m-%d} 前完成"
        yield f"【定期梳理】{one.title}：还剩 {left} 条，{told}"
        yield f"  {base}/department/rounds/{one.id}"
        yield ""


def _of_tasks(name: str, found: list[Task], base: str) -> Iterator[str]:
    if not found:
        return
    yield f"【{name}】{len(found)} 条"
    for one in found[:TITLES]:
        late = "（已超时）" if one.overdue else ""
        yield f"- {one.question}{late}"
        yield f"  {base}/department/entries/{one.code}"
    if len(found) > TITLES:
        yield f"……还有 {len(found) - TITLES} 条，见全部待办"
    yield ""


def _of_dates(due: DueCounts, base: str) -> Iterator[str]:
    counts = {Due.REVIEW: due.review, Due.SOON: due.soon, Due.ENDING: due.ending}
    for kind, count in counts.items():
        if count:
            yield f"【{DUE_NAMES[kind]}】{count} 条"
            yield f"  {base}/department?state={kind.value}"
            yield ""
