"""When an entry is to be reviewed again: its last confirmation and its category's period."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, literal, or_
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.categories.tree import review_months
from knowledge.entries.models import Entry, EntryVersion

SOON_DAYS = 14
DAY = timedelta(days=1)


class Due(StrEnum):
    """What is to be looked at because its time has come."""

    REVIEW = "review_due"  # the review-by date is over
    SOON = "review_soon"  # the review-by date is within a fortnight
    ENDING = "ending"  # the validity ends within a fortnight


DUE_NAMES = {Due.REVIEW: "该复核了", Due.SOON: "两周内该复核", Due.ENDING: "两周内有效期满"}


@dataclass(frozen=True)
class Periods:
    """How long a confirmation holds: months by category, days where a category has none."""

    months: dict[int, int]
    days: int

    def review_by(self, confirmed: datetime, category_id: int) -> date:
        """Return the last day of the period that began with a confirmation."""
        day = clock.local(confirmed).date()
        months = self.months.get(category_id)
        return day + timedelta(days=self.days) if months is None else later(day, months)

    def confirmed_before(self, day: date, months: int | None) -> datetime:
        """Return the instant before which a confirmation's review-by date lies before `day`."""
        if months is None:
            return _midnight(day - timedelta(days=self.days))
        first = later(day, -months)
        while later(first, months) < day:  # the end of a short month stands for several days
            first += DAY
        return _midnight(first)


def periods(session: Session, days: int) -> Periods:
    """Return the periods in force; `days` is what the settings say."""
    found = review_months(session)
    return Periods({key: months for key, months in found.items() if months is not None}, days)


def later(day: date, months: int) -> date:
    """Return the day so many months on, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def condition(due: Due, kept: Periods, version: type[EntryVersion]) -> ColumnElement[bool]:
    """Return the condition on `Entry` and its published version (`version`, joined)."""
    today = clock.today()
    horizon = today + timedelta(days=SOON_DAYS)
    started = or_(version.valid_from.is_(None), version.valid_from <= today)
    valid = and_(started, or_(version.valid_until.is_(None), version.valid_until >= today))
    served = and_(Entry.published_version_id.is_not(None), Entry.archived_at.is_(None), valid)
    if due is Due.ENDING:
        return and_(served, version.valid_until <= horizon)
    over = Entry.reviewed_at < _limit(kept, version, today)
    if due is Due.REVIEW:
        return and_(served, over)
    return and_(served, ~over, Entry.reviewed_at < _limit(kept, version, horizon + DAY))


def _limit(kept: Periods, version: type[EntryVersion], day: date) -> ColumnElement[datetime]:
    """Return the instant before which a confirmation is too old by `day`, by category."""
    column, usual = Entry.reviewed_at.type, kept.confirmed_before(day, None)
    otherwise = literal(usual, column)
    groups: dict[int, list[int]] = {}
    for category_id, months in kept.months.items():
        groups.setdefault(months, []).append(category_id)
    limits = [
        (version.category_id.in_(ids), literal(kept.confirmed_before(day, months), column))
        for months, ids in sorted(groups.items())
    ]
    return case(*limits, else_=otherwise) if limits else otherwise


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.SHANGHAI)
