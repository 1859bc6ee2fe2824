"""The review of an entry: who has it, until when, and who may pass it on."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from knowledge import clock
from knowledge.audit.service import history
from knowledge.database import Database
from knowledge.entries import service as entries
from knowledge.entries.history import notes_on
from knowledge.entries.lifecycle import Step
from knowledge.entries.lists import State
from knowledge.entries.models import Entry
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.feed.service import head
from knowledge.people.actor import Actor, system
from knowledge.review import service as review
from knowledge.review.tasks import Duty, tasks
from tests.knowledge.desk import LIMITS, MORNING, Desk, at


@pytest.fixture
def desk(database: Database) -> Desk:
    office = Desk(database)
    office.draft()
    return office


def test_from_the_editor_over_reviewer_and_manager_to_the_citizen(desk: Desk) -> None:
    with at(MORNING):
        desk.submit()
    assert desk.step() is Step.DEPARTMENT
    draft = desk.look().draft
    assert draft is not None
    assert (draft.submitter_name, draft.step_since) == ("王采编", MORNING)
    assert draft.step_due == datetime(2030, 3, 4, 16, 0, tzinfo=UTC)  # the end of 4 March
    assert desk.duties(desk.zhao) == [Duty.REVIEW]
    assert desk.duties(desk.wang) == [Duty.AWAIT]
    assert desk.duties(desk.qian) == []
    desk.pass_on()
    assert (desk.step(), desk.served()) == (Step.HOTLINE, None)
    assert desk.duties(desk.sun) == [Duty.PUBLISH]
    desk.do(review.approve, desk.sun)
    assert (desk.state(), desk.served()) == (State.LIVE, "带身份证到窗口办。")
    published = desk.look().published
    assert published is not None
    assert (published.published_by, published.emergency) == ("孙管理", False)
    with desk.database.read() as session:
        kinds = [one.kind for one in notes_on(session, published)]
    assert kinds == ["submitted", "passed", "published"]
    assert desk.audit() == [
        "entry_published", "version_passed", "version_submitted", "entry_created",
    ]  # fmt: skip
    assert desk.duties(desk.wang) == desk.duties(desk.zhao) == desk.duties(desk.sun) == []


def test_a_published_entry_serves_while_its_change_is_reviewed_and_returned(desk: Desk) -> None:
    desk.publish()
    with desk.database.read() as session:
        revision = head(session).revision
    desk.save(answer="网上就能办。")
    desk.reach_hotline()
    for reason in ("", " ", "长" * 201):
        with pytest.raises(ContentError, match="退回原因"):
            desk.do(review.send_back, desk.sun, reason)
    desk.do(review.send_back, desk.sun, "缺依据")
    assert (desk.step(), desk.notice()) == (Step.RETURNED, "孙管理退回：缺依据")
    assert (desk.state(), desk.served()) == (State.CHANGED, "带身份证到窗口办。")
    assert desk.duties(desk.wang) == [Duty.MEND]
    desk.submit()
    assert desk.notice() == ""
    with desk.database.read() as session:
        assert head(session).revision == revision  # the feed tells of what is served alone
        returned = history(session, f"entry:{desk.look().id}", 2)[1]
    assert returned.before == {"version": 2, "step": "hotline"}
    assert returned.after == {"version": 2, "step": "returned", "reason": "缺依据"}


def test_nobody_reviews_what_they_wrote_at_either_step(desk: Desk) -> None:
    desk.rewrite(desk.zhao, desk.content(answer="审核员改过"))
    desk.rewrite(desk.sun, desk.content(answer="管理员改过"))
    desk.submit()
    for author in (desk.zhao, desk.sun):
        with pytest.raises(NotAllowedError, match="您自己写的"):
            desk.do(review.pass_on, author, LIMITS)
        with pytest.raises(NotAllowedError, match="您自己写的"):
            desk.do(review.send_back, author, "不好")
    desk.do(review.pass_on, desk.zhou, LIMITS)
    with pytest.raises(NotAllowedError, match="您自己写的"):
        desk.do(review.approve, desk.sun)
    assert desk.duties(desk.sun) == [Duty.AWAIT]
    desk.do(review.approve, desk.zhou)
    assert desk.served() == "管理员改过"


def test_a_manager_reviews_on_a_departments_behalf_and_that_is_recorded(desk: Desk) -> None:
    desk.submit()
    assert desk.duties(desk.sun) == [Duty.BEHALF]
    desk.do(review.pass_on, desk.sun, LIMITS)
    assert desk.audit()[0] == "version_passed_on_behalf"


@pytest.mark.parametrize("who", ["wang", "li", "qian"])
def test_who_does_not_review_cannot(desk: Desk, who: str) -> None:
    stranger: Actor = getattr(desk, who)
    desk.submit()
    with pytest.raises(NotAllowedError):
        desk.do(review.pass_on, stranger, LIMITS)
    desk.pass_on()
    for move, more in ((review.approve, ()), (review.publish_in_emergency, ("急",))):
        for person in (stranger, desk.zhao):
            with pytest.raises(NotAllowedError, match="热线知识管理员"):
                desk.do(move, person, *more)
    assert desk.served() is None


def test_a_reviewer_who_lost_the_role_meanwhile_passes_nothing(desk: Desk) -> None:
    desk.submit()
    former = replace(desk.zhao, roles=frozenset(), reaches=())
    with pytest.raises(NotAllowedError, match="没有审核"):
        desk.do(review.pass_on, former, LIMITS)
    assert desk.step() is Step.DEPARTMENT
    assert desk.duties(desk.sun) == [Duty.BEHALF]  # it is not stuck
    assert desk.duties(former) == []


def test_an_edit_under_review_goes_back_to_the_start(desk: Desk) -> None:
    desk.reach_hotline()
    desk.save(answer="改了一句")
    assert desk.step() is Step.WRITING
    assert "请重新提交" in desk.notice()
    with pytest.raises(ConflictError, match="现在是“草稿”，不能终审发布"):
        desk.do(review.approve, desk.sun)
    assert desk.duties(desk.wang) == [Duty.MEND]


def test_what_is_recalled_is_a_draft_again(desk: Desk) -> None:
    desk.schedule(clock.now() + timedelta(hours=1))
    desk.do(review.recall, desk.wang)
    draft = desk.look().draft
    assert draft is not None
    assert (draft.step, draft.publish_at, draft.step_due) == (Step.WRITING, None, None)


def test_of_two_who_publish_at_once_the_second_is_told(desk: Desk) -> None:
    desk.reach_hotline()
    seen = desk.look().lock_version
    told: list[str] = []
    ready = threading.Barrier(2)

    def approve(manager: Actor) -> None:
        ready.wait()
        try:
            desk.do(review.approve, manager, seen=seen)
        except ConflictError as error:
            told.append(str(error))

    pair = [threading.Thread(target=approve, args=(one,)) for one in (desk.sun, desk.zhou)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert told == ["您打开之后，这一条已被别人修改"]
    assert desk.audit().count("entry_published") == 1


def test_what_was_withdrawn_or_archived_meanwhile_is_not_edited_or_published(desk: Desk) -> None:
    desk.publish()
    desk.save(answer="第二版")
    desk.reach_hotline()
    seen = desk.look().lock_version
    desk.withdraw()
    assert desk.step() is Step.RETURNED
    assert "下架了这一条（政策已废止）" in desk.notice()
    with pytest.raises(ConflictError, match="下架"):
        desk.do(review.approve, desk.sun, seen=seen)
    with pytest.raises(ConflictError, match="下架"):
        desk.rewrite(desk.wang, desk.content(), seen)
    desk.do(entries.archive, desk.wang, "不再办理")
    assert (desk.state(), desk.listed(), desk.listed(state=State.ARCHIVED)) == (
        State.ARCHIVED, [], ["card"],
    )  # fmt: skip
    for move, more in ((review.submit, (LIMITS,)), (review.publish_in_emergency, ("急",))):
        with pytest.raises(ConflictError, match="已归档"):
            desk.do(move, desk.sun, *more)
    with pytest.raises(ConflictError, match="已归档"):
        desk.save(answer="第三版")
    desk.do(entries.revive, desk.wang)
    assert (desk.state(), desk.step()) == (State.WITHDRAWN, Step.WRITING)
    draft = desk.look().draft
    assert draft is not None
    assert draft.answer == "第二版"


def test_in_service_one_is_not_archived_but_expired_it_is_and_the_feed_tells(desk: Desk) -> None:
    desk.save(valid_until=date(2030, 3, 31))
    desk.publish()
    with pytest.raises(ConflictError, match="还在服务"):
        desk.do(entries.archive, desk.wang, "旧")
    with at(datetime(2030, 3, 31, 16, 0, tzinfo=UTC)):
        with desk.database.read() as session:
            before = head(session).revision
        desk.do(entries.archive, desk.wang, "旧")
        with desk.database.read() as session:
            assert head(session).revision == before + 1
    assert desk.look().published is None


@pytest.mark.parametrize("who", ["zhou", "sun"])
def test_an_emergency_is_recorded_as_such(desk: Desk, who: str) -> None:
    desk.rewrite(desk.sun, desk.content(answer="停水通知"))
    manager: Actor = getattr(desk, who)
    with pytest.raises(ContentError, match="紧急发布原因"):
        desk.do(review.publish_in_emergency, manager, "")
    desk.do(review.publish_in_emergency, manager, "突发停水")
    published = desk.look().published
    assert published is not None
    assert published.emergency
    assert desk.served() == "停水通知"
    with desk.database.read() as session:
        newest = history(session, f"entry:{desk.look().id}", 1)[0]
    assert newest.action == "entry_published_in_emergency"
    assert newest.after is not None
    assert (newest.after["reason"], newest.after["own_text"]) == ("突发停水", who == "sun")
    for involved in (desk.sun, manager):
        with pytest.raises(NotAllowedError, match="由别人来补审"):
            desk.do(review.confirm, involved)
    assert review.awaits_review(desk.look())
    desk.do(review.confirm, desk.zhao)
    assert not review.awaits_review(desk.look())


def test_the_overdue_come_first(desk: Desk) -> None:
    with at(MORNING):
        desk.submit()
    desk.draft("late", standard_question="别的问题？")
    with desk.database.write() as session, at(MORNING - timedelta(days=5)):
        entry = entries.entry_coded(session, "late")
        review.submit(session, desk.wang, entry, entry.lock_version, LIMITS)
    with desk.database.read() as session, at(MORNING):
        found = tasks(session, desk.zhao)
        assert [(one.code, one.overdue) for one in found] == [("late", True), ("card", False)]


def test_comments_stay_on_their_version_and_change_nothing_else(desk: Desk) -> None:
    lock = desk.look().lock_version

    def comment(actor: Actor, text: str) -> None:
        with desk.database.write() as session:
            review.comment(session, actor, entries.entry_coded(session, "card"), text)

    comment(desk.zhao, " 第三步要写窗口号 ")
    with pytest.raises(NotAllowedError):
        comment(desk.li, "路过")
    for text in (" ", "长" * 501):
        with pytest.raises(ContentError):
            comment(desk.zhao, text)
    assert desk.look().lock_version == lock
    draft = desk.look().draft
    assert draft is not None
    with desk.database.read() as session:
        assert [one.text for one in notes_on(session, draft)] == ["第三步要写窗口号"]


def test_the_system_publishes_past_a_review_and_the_review_is_over(desk: Desk) -> None:
    desk.submit()
    desk.do(entries.publish, system())
    assert (desk.state(), desk.duties(desk.zhao)) == (State.LIVE, [])


def test_who_confirms_puts_the_next_re_review_off(desk: Desk) -> None:
    with at(MORNING):
        desk.publish()
    over = Entry.reviewed_at < MORNING + timedelta(days=1)
    assert desk.listed(only=over) == ["card"]
    with at(MORNING + timedelta(days=2)):
        with pytest.raises(NotAllowedError):
            desk.do(review.confirm, desk.wang)
        desk.do(review.confirm, desk.zhao)
    assert desk.listed(only=over) == []


def test_a_pending_version_is_given_up_and_kept_in_the_list(desk: Desk) -> None:
    with pytest.raises(ConflictError, match="没有在服务"):
        desk.do(entries.discard, desk.wang)
    desk.publish()
    desk.save(answer="改坏了")
    desk.do(entries.discard, desk.wang)
    assert (desk.state(), desk.served()) == (State.LIVE, "带身份证到窗口办。")
    desk.save(answer="再改")
    draft = desk.look().draft
    assert draft is not None
    assert draft.number == 3
