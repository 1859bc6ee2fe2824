"""What waits for a person today: on the start page, and as numbers in the rail.

A capability adds one provider to `PROVIDERS`. What it says is counted anew when
something was done (every act of staff and citizens is in the audit log, whose head has
moved then), and at the latest after ten seconds: deadlines pass by themselves.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.audit.models import AuditHead
from knowledge.corrections import lists as corrections
from knowledge.departments.models import Department
from knowledge.entries.lists import PUBLISHED, Filter, count
from knowledge.evaluation.models import Evaluation
from knowledge.gaps import lists as gaps
from knowledge.notes import service as notes
from knowledge.people import lists as people
from knowledge.people.actor import Actor, Right
from knowledge.people.reach import departments_of
from knowledge.reminders.due import left
from knowledge.review.periods import DUE_NAMES, condition
from knowledge.review.tasks import Duty
from knowledge.review.tasks import waiting as reviews
from web.access import actor
from web.department.page import review_periods
from web.services import services

KEPT_SECONDS = 10.0
PEOPLE = 1000
KEY = "hotline_waiting"


@dataclass(frozen=True)
class Matter:
    """So many things of one kind that wait; `endpoint` is the list that shows them.

    `badge`: they count in the rail, at the place of that endpoint.
    """

    name: str
    count: int
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    overdue: int = 0
    help: str = ""
    badge: bool = True


@dataclass(frozen=True)
class Waiting:
    """All that waits for one person, and the name of the home department."""

    matters: list[Matter]
    department: str | None

    def at(self, endpoint: str) -> int:
        """Return the number that stands in the rail at a place."""
        return sum(one.count for one in self.matters if one.badge and one.endpoint == endpoint)


Provider = Callable[[Session, Actor], list[Matter]]


def _reviews(session: Session, person: Actor) -> list[Matter]:
    found, late = reviews(session, person)
    told = {
        Duty.MEND: ("退回给我的", "改好后再提交审核"),
        Duty.REVIEW: ("等我部门审核", ""),
        Duty.PUBLISH: ("等我终审发布", ""),
        Duty.RECHECK: ("待复核", "还对就确认，变了就改"),
    }
    return [
        Matter(name, found[duty], "review.waiting", {"_anchor": f"duty-{duty}"}, late[duty], help_)
        for duty, (name, help_) in told.items()
    ]


def _corrections(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.EDIT_ENTRIES):
        return []
    open_, late = corrections.waiting(session, person)
    return [Matter("纠错待核实", open_, "corrections.listed", {"whose": "to_decide"}, late)]


def _gaps(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.EDIT_ENTRIES):
        return []
    assigned, nobodys = gaps.waiting(session, person)
    everywhere = departments_of(person, Right.EDIT_ENTRIES) is None
    wanted = {} if everywhere else {"department": person.department_id or ""}
    matters = [Matter("知识缺口", assigned, "gaps.listed", wanted, help="分派给本部门的")]
    if everywhere:
        return [
            Matter("知识缺口待分派", nobodys, "gaps.listed"),
            Matter("知识缺口已分派", assigned, "gaps.listed", help="部门还没有处理", badge=False),
        ]
    return matters


def _rounds(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.EDIT_ENTRIES):
        return []
    found = left(session, person)
    late = sum(count for _, count, is_late in found if is_late)
    count = sum(one[1] for one in found)
    return [Matter("定期梳理", count, "rounds.home", overdue=late, help="逐条看看还对不对")]


def _entries(session: Session, person: Actor) -> list[Matter]:
    """What must be looked at again, in the home department or, for managers, everywhere."""
    everywhere = departments_of(person, Right.EDIT_ENTRIES) is None
    home = None if everywhere else person.department_id
    if not person.may(Right.EDIT_ENTRIES) or (home is None and not everywhere):
        return []
    kept = review_periods(session)
    return [
        Matter(
            name,
            count(session, Filter(department_id=home, only=condition(due, kept, PUBLISHED))),
            "department.entries",
            {"state": due.value, "department": home or "all"},
            badge=False,
        )
        for due, name in DUE_NAMES.items()
    ]


def _notes(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.HANDLE_NOTES):
        return []
    return [Matter("市民留言", notes.waiting(session), "desk.notes", help="等人回电")]


def _evaluations(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.EVALUATE):
        return []
    query = select(Evaluation.id).where(Evaluation.state == "running").limit(10)
    running = len(session.scalars(query).all())
    return [Matter("正在评测", running, "admin.home", badge=False)]


def _people(session: Session, person: Actor) -> list[Matter]:
    if not person.may(Right.MANAGE_USERS):
        return []
    without, unchanged = people.waiting(session)
    return [
        Matter("没有授权的账号", without, "people.home", help="登录了也做不了事"),
        Matter("还没改初始密码", unchanged, "people.home", badge=False),
    ]


PROVIDERS: tuple[Provider, ...] = (
    _reviews,
    _corrections,
    _gaps,
    _rounds,
    _notes,
    _people,
    _entries,
    _evaluations,
)


def waiting() -> Waiting:
    """Return what waits for the person who makes this request."""
    person = actor()
    kept: dict[Actor, tuple[int, float, Waiting]] = current_app.extensions.setdefault(KEY, {})
    with services().database.read() as session:
        head = session.scalar(select(AuditHead.last)) or 0
        known = kept.get(person)
        if known and known[0] == head and time.monotonic() - known[1] < KEPT_SECONDS:
            return known[2]
        found = _counted(session, person)
    if len(kept) >= PEOPLE:
        kept.clear()
    kept[person] = (head, time.monotonic(), found)
    return found


def _counted(session: Session, person: Actor) -> Waiting:
    home = None
    if person.department_id is not None:
        query = select(Department.name).where(Department.id == person.department_id)
        home = session.scalar(query)
    return Waiting([one for provider in PROVIDERS for one in provider(session, person)], home)
