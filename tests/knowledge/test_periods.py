"""When an entry is to be reviewed again, told for one and asked of all alike."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import clock
from knowledge.categories.models import Category
from knowledge.database import Database
from knowledge.entries.lists import PUBLISHED
from knowledge.people.actor import Actor, Role
from knowledge.reminders.due import due_counts
from knowledge.review.periods import Due, Periods, condition, later, periods
from tests.knowledge.office import Office

LEAF = 7


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2030, 1, 31), 1, date(2030, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2030, 11, 30), 3, date(2031, 2, 28)),
        (date(2030, 3, 31), -1, date(2030, 2, 28)),
        (date(2030, 1, 15), -12, date(2029, 1, 15)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, found: date) -> None:
    assert later(day, months) == found


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from([None, 1, 2, 6, 12, 60]),
    st.times(),
)
def test_the_limit_of_a_query_is_the_date_of_an_entry(
    confirmed: date, today: date, months: int | None, at: time
) -> None:
    kept = Periods({LEAF: months} if months else {}, 365)
    instant = datetime.combine(confirmed, at, clock.SHANGHAI)
    late = kept.review_by(instant, LEAF) < today
    assert late is (instant < kept.confirmed_before(today, months))


def test_entries_fall_due_by_their_category_and_end_with_their_validity(
    database: Database,
) -> None:
    start = datetime(2030, 1, 30, 16, 0, tzinfo=UTC)  # the 31st has begun in Shanghai
    office = Office(database)
    with clock.frozen(lambda: start):
        office.draft("plain")
        office.publish("plain")
        office.draft("ends", valid_until=date(2030, 2, 20))
        office.publish("ends")
    boss = Actor(8, "区管理", None, frozenset({Role.MANAGER}))

    def due(day: date, second: int = 0) -> dict[Due, list[str]]:
        instant = datetime.combine(day, time.min, clock.SHANGHAI) + timedelta(seconds=second)
        with clock.frozen(lambda: instant), database.read() as session:
            kept = periods(session, 365)
            counts = due_counts(session, office.wang, kept)
            found = {one: office.listed(only=condition(one, kept, PUBLISHED)) for one in Due}
            assert [counts.review, counts.soon, counts.ending] == [len(found[one]) for one in Due]
            assert due_counts(session, office.li, kept).total == 0
            assert due_counts(session, boss, kept).total == 0
            return {one: codes for one, codes in found.items() if codes}

    assert due(date(2030, 2, 5)) == {}
    assert due(date(2030, 2, 6)) == {Due.ENDING: ["ends"]}
    assert due(date(2030, 2, 20), 86_399) == {Due.ENDING: ["ends"]}
    assert due(date(2030, 2, 21)) == {}
    with database.write() as session:
        top = session.get_one(Category, office.inner)
        top.review_months = 1  # inherited
    assert due(date(2030, 2, 14)) == {Due.SOON: ["ends", "plain"], Due.ENDING: ["ends"]}
    assert due(date(2030, 2, 28), 86_399) == {Due.SOON: ["plain"]}
    assert due(date(2030, 3, 1)) == {Due.REVIEW: ["plain"]}
