"""Publication at a set time: on the second, once, and not when the plan fell."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from knowledge.database import Database
from knowledge.entries.lifecycle import Step
from knowledge.entries.pending import place
from knowledge.entries.service import entry_coded
from knowledge.errors import ConflictError, ContentError
from knowledge.review import service as review
from knowledge.review.schedule import Ticker, publish_due
from knowledge.review.tasks import Duty
from tests.knowledge.desk import MORNING, Desk, at
from tests.waiting import within

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    office = Desk(database)
    office.draft()
    return office


def test_publishing_at_a_set_time_is_on_the_second_and_once(desk: Desk) -> None:
    noon = MORNING + timedelta(hours=3)
    with at(MORNING):
        for wrong, words in (
            (MORNING, "已经过了"),
            (MORNING - SECOND, "已经过了"),
            (MORNING + timedelta(days=400), "一年"),
        ):
            if desk.step() is Step.WRITING:
                desk.reach_hotline()
            with pytest.raises(ContentError, match=words):
                desk.do(review.approve, desk.sun, wrong)
        desk.do(review.approve, desk.sun, noon)
    with at(noon - SECOND):
        assert publish_due(desk.database) == 0
        assert (desk.step(), desk.served()) == (Step.SCHEDULED, None)
    with at(noon):
        counts: list[int] = []
        workers = [
            threading.Thread(target=lambda: counts.append(publish_due(desk.database)))
            for _ in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(counts) == [0, 0, 0, 1]
        assert desk.served() == "带身份证到窗口办。"
    published = desk.look().published
    assert published is not None
    assert (published.published_at, published.published_by) == (noon, "孙管理")
    assert desk.audit().count("entry_published") == 1


def test_what_fell_due_while_nothing_ran_is_published_at_the_start(desk: Desk) -> None:
    with at(MORNING):
        desk.schedule(MORNING + timedelta(hours=1))
    with at(MORNING + timedelta(days=2)):
        ticker = Ticker(desk.database)
        ticker.start()
        assert within(5, lambda: desk.served() is not None)
        ticker.close()


def test_one_that_cannot_be_published_holds_up_no_other(desk: Desk) -> None:
    desk.draft("later", standard_question="别的问题？")
    with at(MORNING):
        desk.schedule(MORNING + timedelta(hours=1))
        with desk.database.write() as session:
            entry = entry_coded(session, "later")
            assert entry.draft is not None
            place(entry.draft, Step.SCHEDULED)
            entry.draft.publish_at = MORNING + timedelta(hours=2)
            session.execute(
                text(
                    "CREATE TRIGGER broken BEFORE UPDATE ON entries WHEN new.code = 'card' "
                    "BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )
    with at(MORNING + timedelta(days=1)):
        assert publish_due(desk.database) == 1
    assert (desk.served("card"), desk.served("later")) == (None, "带身份证到窗口办。")


def test_a_plan_falls_when_the_entry_is_withdrawn_edited_or_expired(desk: Desk) -> None:
    with at(MORNING):
        desk.publish()
        for disturb in ("withdraw", "edit", "expire"):
            desk.save(answer=disturb, valid_until=date(2030, 3, 2))
            desk.schedule(MORNING + timedelta(hours=1))
            if disturb == "withdraw":
                desk.withdraw()
            if disturb == "edit":
                desk.save(answer="别的")
            late = timedelta(days=3 if disturb == "expire" else 1)
            with at(MORNING + late):
                assert publish_due(desk.database) == 0
                assert desk.step() in {Step.RETURNED, Step.WRITING}
                assert "发布" in desk.notice()
                assert desk.duties(desk.wang) == [Duty.MEND]


def test_a_version_whose_validity_is_over_is_not_published(desk: Desk) -> None:
    desk.save(valid_until=date(2030, 3, 1))
    last = datetime(2030, 3, 1, 16, 0, tzinfo=UTC)
    with at(last - timedelta(hours=1)):
        desk.reach_hotline()
        with pytest.raises(ContentError, match="有效期已经过了"):
            desk.do(review.approve, desk.sun, last)
    with at(last), pytest.raises(ConflictError, match="有效期已经过了"):
        desk.do(review.approve, desk.sun)
    with at(last - SECOND):
        desk.do(review.approve, desk.sun)
        assert desk.served() is not None
