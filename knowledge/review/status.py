"""Where an entry stands, told: who has it now, since when, until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge import clock
from knowledge.entries.lifecycle import STEP_NAMES, WITH_AUTHOR, Step
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import step_of

HOTLINE = "热线知识管理员"


@dataclass(frozen=True)
class Status:
    """The pending version's place: its step, who has it, since when, and the last day for it."""

    step: Step
    name: str
    holder: str
    since: datetime | None
    due: datetime | None

    @property
    def last_day(self) -> datetime | None:
        """The last day of the deadline, which counts whole."""
        return self.due - timedelta(seconds=1) if self.due is not None else None

    @property
    def days_over(self) -> int:
        """How many days the deadline is past, counting a begun one; 0 while it is not."""
        if self.due is None or clock.now() < self.due:
            return 0
        return (clock.now() - self.due).days + 1


def status(entry: Entry) -> Status | None:
    """Return where the entry's pending version stands, or None where none is pending."""
    version, step = entry.draft, step_of(entry.draft)
    if version is None or step is None:
        return None
    holder = _holder(entry, version, step)
    return Status(step, STEP_NAMES[step], holder, version.step_since, version.step_due)


def _holder(entry: Entry, version: EntryVersion, step: Step) -> str:
    if step is Step.DEPARTMENT:
        return f"{entry.department.name}的部门审核员"
    if step is Step.HOTLINE:
        return HOTLINE
    if step in WITH_AUTHOR:
        return version.submitter_name or version.author_name
    return f"系统（{version.published_by or HOTLINE}已批准）"
