"""What waits for a person: returned to them, for their review, for their publication."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.departments.models import Department
from knowledge.entries.lifecycle import IN_REVIEW, WITH_AUTHOR, Step
from knowledge.entries.models import Entry, EntryVersion, VersionAuthor
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
    found = [
        _task(duty, entry, version, department)
        for entry, version, department, wrote in _pending(session, actor)
        if (duty := _duty(actor, entry, version, wrote)) is not None
    ]
    found += _marked(session, actor)
    latest = datetime.max.replace(tzinfo=clock.SHANGHAI)
    return sorted(found, key=lambda one: (not one.overdue, one.due or one.since or latest))


def counted(found: list[Task]) -> int:
    """Return how many of the tasks are for the person to do (not for others)."""
    return sum(one.duty not in {Duty.AWAIT, Duty.BEHALF} for one in found)


def _pending(session: Session, actor: Actor) -> Iterator[tuple[Entry, EntryVersion, str, bool]]:
    mine = and_(VersionAuthor.version_id == EntryVersion.id, VersionAuthor.user_id == actor.user_id)
    query: Select[Entry, EntryVersion, str, int | None] = (
        select(Entry, EntryVersion, Department.name, VersionAuthor.user_id)
        .join(EntryVersion, EntryVersion.id == Entry.draft_version_id)
        .join(Department, Department.id == Entry.department_id)
        .outerjoin(VersionAuthor, mine)
        .where(
            Entry.archived_at.is_(None),
            or_(
                EntryVersion.step.in_([step.value for step in IN_REVIEW]),
                and_(EntryVersion.notice != "", VersionAuthor.user_id.is_not(None)),
            ),
        )
        .order_by(EntryVersion.step_due, EntryVersion.step_since)
        .limit(MOST)
    )
    for entry, version, department, author in session.execute(query):
        yield entry, version, department, author is not None


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


def _duty(actor: Actor, entry: Entry, version: EntryVersion, wrote: bool) -> Duty | None:
    step = Step(version.step or Step.WRITING)
    if wrote:
        return Duty.MEND if step in WITH_AUTHOR else Duty.AWAIT
    owner, category = entry.department_id, version.category_id
    if step is Step.HOTLINE and actor.may(Right.PUBLISH_ENTRIES, owner, category):
        return Duty.PUBLISH
    if step is Step.DEPARTMENT and actor.may(Right.REVIEW_ENTRIES, owner, category):
        return Duty.REVIEW if owner == actor.department_id else Duty.BEHALF
    return None


def _task(duty: Duty, entry: Entry, version: EntryVersion, department: str) -> Task:
    return Task(
        duty=duty,
        code=entry.code,
        question=version.standard_question,
        department=department,
        step=Step(version.step or Step.WRITING),
        since=version.step_since,
        due=version.step_due,
        publish_at=version.publish_at,
        submitter=version.submitter_name or version.author_name,
        notice=version.notice,
    )
