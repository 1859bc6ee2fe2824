"""Reminders: what is told to whom, once a day, over a real SMTP connection; retried, then told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge import clock
from knowledge.audit.service import history
from knowledge.audit.settings_in_force import note_settings
from knowledge.database import Database
from knowledge.entries.service import entry_coded
from knowledge.errors import ContentError, NotAllowedError
from knowledge.people.actor import Role, system
from knowledge.people.email import set_email
from knowledge.people.models import User
from knowledge.people.service import add_user, set_active
from knowledge.reminders.mail import Mail, MailError, send
from knowledge.reminders.models import Reminder
from knowledge.reminders.service import remind, troubles
from knowledge.rereviews.service import mark
from knowledge.rounds.service import Plan, open_round
from knowledge.settings import Settings, SettingsError, load_settings
from tests.knowledge.mailbox import Mailbox
from tests.knowledge.office import Office

MORNING = datetime(2030, 3, 4, 0, 30, tzinfo=UTC)  # half past eight in Shanghai
MINUTE = timedelta(minutes=1)
SECRET_ANSWER = "带身份证到窗口办"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    opened = Mailbox()
    yield opened
    opened.close()


@pytest.fixture
def settings(mailbox: Mailbox) -> Settings:
    return Settings(
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_starttls=False,
        smtp_from="hotline@example.gov.cn",
        public_url="https://hotline.example.gov.cn/",
    )


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    with clock.frozen(lambda: instant):
        yield


class Staff(Office):
    """The office with accounts that have addresses, and one entry in service."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.draft()
        self.publish()
        self.person("wang", Role.EDITOR, self.own)
        self.person("li", Role.EDITOR, self.other)

    def person(self, name: str, role: Role, home: int, email: str | None = None) -> None:
        from knowledge.departments.service import department

        with self.database.write() as session:
            user = add_user(
                session,
                system(),
                username=name,
                display_name=name,
                password="a-long-password",
                roles=[role],
                department=department(session, home),
            )
            set_email(session, system(), user, email or f"{name}@example.gov.cn")

    def mark(self) -> None:
        with self.database.write() as session:
            mark(session, system(), [entry_coded(session, "card").id], "依据<废止>")

    def open(self, due: date = date(2030, 3, 20)) -> None:
        with self.database.write() as session:
            open_round(session, system(), Plan("一季度梳理", due))

    def rows(self) -> list[tuple[str, str, int]]:
        with self.database.read() as session:
            query = select(User.username, Reminder.state, Reminder.attempts).join(Reminder.user)
            return [tuple(row) for row in session.execute(query.order_by(User.username))]  # type: ignore[misc]


@pytest.fixture
def staff(database: Database) -> Staff:
    with at(MORNING - timedelta(days=30)):
        return Staff(database)


def test_a_person_is_told_titles_and_links_and_no_answer(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    with at(MORNING):
        staff.mark()
        staff.open()
        assert remind(staff.database, settings) == 1
    ((recipients, message),) = mailbox.received
    text = message.get_content()
    assert recipients == ["wang@example.gov.cn"]  # nothing waits for the other department
    assert message["Subject"] == "知识库提醒：2 件要处理"
    assert "老年证怎么办？" in text
    assert "https://hotline.example.gov.cn/department/entries/card" in text
    assert "一季度梳理：还剩 1 条，2030-03-20 前完成" in text
    assert SECRET_ANSWER not in message.as_string()
    assert staff.rows() == [("li", "nothing", 0), ("wang", "sent", 1)]


def test_one_mail_a_day_not_before_the_hour(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    staff.mark()
    with at(MORNING - timedelta(hours=1)):
        assert remind(staff.database, settings) == 0
    for instant, sent in ((MORNING, 1), (MORNING + MINUTE, 0), (MORNING + timedelta(days=1), 1)):
        with at(instant):
            assert remind(staff.database, settings) == sent
    assert len({message["Message-ID"] for _, message in mailbox.received}) == 2


def test_several_processes_send_each_mail_once(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    for number in range(6):
        staff.person(f"clerk{number}", Role.EDITOR, staff.own)
    staff.mark()
    failed: list[BaseException] = []

    def run() -> None:
        own = Database(str(staff.database.url))
        try:
            remind(own, settings)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            own.close()

    with at(MORNING):
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert mailbox.to() == sorted(
        ["wang@example.gov.cn", *(f"clerk{number}@example.gov.cn" for number in range(6))]
    )


def test_what_is_not_taken_is_tried_later_and_then_given_up(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    staff.mark()
    mailbox.refuse["wang@example.gov.cn"] = "451 later, wang@example.gov.cn"
    instant, tries = MORNING, []
    for _ in range(300):
        with at(instant):
            remind(staff.database, settings)
        tries.append(next(n for name, _, n in staff.rows() if name == "wang"))
        instant += MINUTE
    assert (tries[0], tries[1], tries[5], tries[-1]) == (1, 2, 2, 6)
    with at(instant), staff.database.read() as session:
        (trouble,) = troubles(session)
        assert trouble.state == "failed"
        assert trouble.problem == "服务器不接受收件地址（451）"
    mailbox.refuse.clear()
    with at(MORNING + timedelta(days=1)):
        assert remind(staff.database, settings) == 1
    with at(MORNING + timedelta(days=9)), staff.database.read() as session:
        assert troubles(session) == []


def test_a_refused_address_is_not_tried_again_and_holds_up_nobody(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    staff.person("zhao", Role.REVIEWER, staff.own)
    staff.mark()
    mailbox.refuse["wang@example.gov.cn"] = "550 nobody here"
    with at(MORNING):
        assert remind(staff.database, settings) == 1
    assert ("wang", "failed", 1) in staff.rows()
    assert mailbox.to() == ["zhao@example.gov.cn"]


def test_a_server_that_is_away_is_waited_for(
    staff: Staff, mailbox: Mailbox, settings: Settings
) -> None:
    staff.mark()
    away = settings.model_copy(update={"smtp_port": 1})
    with at(MORNING):
        assert remind(staff.database, away) == 0
    mailbox.greeting = "554 not today"
    with at(MORNING + MINUTE):
        assert remind(staff.database, settings) == 0
    mailbox.greeting = "220 mailbox"
    with at(MORNING + 10 * MINUTE):
        assert remind(staff.database, settings) == 1


def test_a_closed_account_gets_nothing(staff: Staff, mailbox: Mailbox, settings: Settings) -> None:
    staff.mark()
    with staff.database.write() as session:
        set_active(session, system(), "wang", False)
    with at(MORNING):
        assert remind(staff.database, settings) == 0
    assert mailbox.received == []


def test_without_a_server_nothing_is_planned(staff: Staff) -> None:
    staff.mark()
    with at(MORNING):
        assert remind(staff.database, Settings()) == 0
    assert staff.rows() == []


def test_encryption_is_not_silently_left_out(mailbox: Mailbox, settings: Settings) -> None:
    strict = settings.model_copy(update={"smtp_starttls": True})
    with pytest.raises(MailError, match="STARTTLS"):
        send(strict, Mail("a@example.com", "试", "试"))
    assert mailbox.received == []


@pytest.mark.parametrize(
    "address", ["a", "a@b", "a@b.cn\nBcc: c@d.cn", "a b@c.cn", "@c.cn", "长@c.cn"]
)
def test_an_address_that_is_none_is_refused(staff: Staff, address: str) -> None:
    with staff.database.write() as session:
        user = session.scalars(select(User).where(User.username == "wang")).one()
        with pytest.raises(ContentError):
            set_email(session, system(), user, address)
        with pytest.raises(NotAllowedError):
            set_email(session, staff.wang, user, "x@example.com")
        assert user.email == "wang@example.gov.cn"
        told = str([one.after for one in history(session, f"user:{user.id}")])
        assert "wang@example" not in told
        assert "w***@example.gov.cn" in told


def test_settings_of_mail_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_SMTP_HOST", "mail.example.gov.cn")
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert "HOTLINE_SMTP_FROM" in str(told.value)
    assert "HOTLINE_PUBLIC_URL" in str(told.value)


def test_the_password_is_in_no_log(database: Database) -> None:
    settings: Any = Settings(smtp_password="hunter2-hunter2")
    with database.write() as session:
        note_settings(session, system(), settings)
    with database.read() as session:
        assert "hunter2" not in str([one.after for one in history(session, "settings")])
    assert "hunter2" not in repr(settings)
