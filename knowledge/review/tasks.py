"""What waits for a person: returned to them, for their review, for their publication."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.lifecycle import IN_REVIEW, WITH_AUTHOR, Step
from knowledge.entries.models import Entry, EntryListing, EntryVersion, VersionAuthor
from knowledge.people.actor import Actor, Right
from knowledge.rereviews.models import Rereview
from knowledge.rereviews.service import standing
from knowledge.review.own import answers_for

MOST = 2000


class Duty(StrEnum):
    """What the person is to do."""

    MEND = "mend"  # returned to its author
    REVIEW = "review"
    PUBLISH = "publish"
    BEHALF = "behalf"  # another department's review, which a manager may do for it
    RECHECK = "recheck"  # an entry in service that was marked to be looked at again
    AWAIT = "await"  # one's own, which others have now


@dataclass(frozen=True)
class Task:
    """One pending version (or, without a step, one marked entry), and what is to be done."""

    duty: Duty
    code: str
    question: str
    department: str
    step: Step | None
    since: datetime | None
    due: datetime | None
    publish_at: datetime | None
    submitter: str
    notice: str

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.due is not None and self.due <= clock.now()

    @property
    def last_day(self) -> datetime | None:
        """The last day of the deadline, which counts whole."""
        return self.due - timedelta(seconds=1) if self.due is not None else None


def tasks(session: Session, actor: Actor) -> list[Task]:
    """Return what waits for `actor`, the overdue first, then by how long it has waited.

    Of a base with more than 2,000 pending versions the most urgent are looked at.
    """
    if actor.user_id is None:
        return []
    names = dict(session.execute(select(Department.id, Department.name)).all())
    query = _pending(select(*_SHOWN, VersionAuthor.user_id.label("mine")), actor)
    query = query.join(EntryVersion, EntryVersion.id == EntryListing.draft_id)
    query = query.order_by(EntryListing.step_due, EntryVersion.step_since).limit(MOST)
    found = []
    for row in session.execute(query):
        step = Step(row.step)
        duty = _duty(actor, step, row.department_id, row.category_id, row.mine is not None)
        if duty is not None:
            found.append(_task(duty, step, row, names[row.department_id]))
    found += _marked(session, actor)
    latest = datetime.max.replace(tzinfo=clock.SHANGHAI)
    return sorted(found, key=lambda one: (not one.overdue, one.due or one.since or latest))


def counted(found: Mapping[Duty, int]) -> int:
    """Return how many of the tasks are for the person to do (not for others)."""
    return sum(count for duty, count in found.items() if duty not in {Duty.AWAIT, Duty.BEHALF})


def waiting(session: Session, actor: Actor) -> tuple[Counter[Duty], Counter[Duty]]:
    """Return how many tasks of each kind wait for `actor`, and how many of them are overdue.

    Costs two queries, however many there are.
    """
    all_, overdue = Counter[Duty](), Counter[Duty]()
    if actor.user_id is None:
        return all_, overdue
    bound = any(reach.categories is not None for reach in actor.reaches)
    by: list[Any] = [EntryListing.step, EntryListing.department_id, VersionAuthor.user_id]
    by += [EntryListing.category_id] if bound else []
    late = func.count(case((EntryListing.step_due <= clock.now(), 1)))
    query = _pending(select(func.count(), late, *by), actor).group_by(*by)
    for count, is_late, step, owner, author, *filed in session.execute(query):
        duty = _duty(actor, Step(step), owner, filed[0] if filed else None, author is not None)
        if duty is not None:
            all_[duty] += count
            overdue[duty] += is_late
    all_[Duty.RECHECK] = len(_marked(session, actor))
    return all_, overdue


def _pending(query: Any, actor: Actor) -> Any:
    """Narrow a query of listed entries to what is under review, or came back to `actor`."""
    mine = and_(
        VersionAuthor.version_id == EntryListing.draft_id, VersionAuthor.user_id == actor.user_id
    )
    came_back = and_(EntryListing.noticed, VersionAuthor.user_id.is_not(None))
    return (
        query.select_from(EntryListing)
        .outerjoin(VersionAuthor, mine)
        .where(
            EntryListing.step.in_([step.value for step in Step]),
            EntryListing.archived.is_(False),
            or_(EntryListing.step.in_([step.value for step in IN_REVIEW]), came_back),
        )
    )


def _marked(session: Session, actor: Actor) -> list[Task]:
    """Return the marked entries of the person's own departments, each once."""
    query = (
        select(Rereview, Entry, EntryVersion, Department.name)
        .join(Rereview.entry)
        .join(EntryVersion, EntryVersion.id == Entry.published_version_id)
        .join(Department, Department.id == Entry.department_id)
        .where(standing(), Entry.department_id.in_(answers_for(actor)))
        .order_by(Rereview.id.desc())
        .limit(MOST)
    )
    found: dict[int, Task] = {}
    for mark, entry, version, department in session.execute(query):
        if actor.may(Right.EDIT_ENTRIES, entry.department_id, version.category_id):
            found.setdefault(entry.id, _recheck(mark, entry, version, department))
    return list(found.values())


def _recheck(mark: Rereview, entry: Entry, version: EntryVersion, department: str) -> Task:
    return Task(
        duty=Duty.RECHECK,
        code=entry.code,
        question=version.standard_question,
        department=department,
        step=None,
        since=mark.marked_at,
        due=None,
        publish_at=None,
        submitter=mark.marked_by,
        notice=mark.reason,
    )


_SHOWN = (
    EntryListing.code,
    EntryListing.department_id,
    EntryListing.category_id,
    EntryListing.question,
    EntryListing.step,
    EntryListing.holder,
    EntryListing.step_due,
    EntryVersion.step_since,
    EntryVersion.publish_at,
    EntryVersion.notice,
)


def _duty(actor: Actor, step: Step, owner: int, category: int | None, wrote: bool) -> Duty | None:
    if wrote:
        return Duty.MEND if step in WITH_AUTHOR else Duty.AWAIT
    if step is Step.HOTLINE and actor.may(Right.PUBLISH_ENTRIES, owner, category):
        return Duty.PUBLISH
    if step is Step.DEPARTMENT and actor.may(Right.REVIEW_ENTRIES, owner, category):
        return Duty.REVIEW if owner == actor.department_id else Duty.BEHALF
    return None


def _task(duty: Duty, step: Step, row: Any, department: str) -> Task:
    return Task(
        duty=duty,
        code=row.code,
        question=row.question,
        department=department,
        step=step,
        since=row.step_since,
        due=row.step_due,
        publish_at=row.publish_at,
        submitter=row.holder,
        notice=row.notice,
    )
