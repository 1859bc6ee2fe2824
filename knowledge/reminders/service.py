"""One mail a day for each person who has something to do: planned, claimed, sent, retried."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from knowledge import clock
from knowledge.database import Database
from knowledge.people.models import User
from knowledge.people.service import as_actor
from knowledge.reminders.digest import digest
from knowledge.reminders.mail import Mail, MailError, is_set_up, send
from knowledge.reminders.models import Reminder
from knowledge.settings import Settings

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)  # longer than sending takes
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
TOLD_DAYS = 3

Send = Callable[[Settings, Mail], None]


class State(StrEnum):
    """What became of a person's mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NOTHING = "nothing"  # there was nothing to tell


def remind(database: Database, settings: Settings, post: Send = send) -> int:
    """Plan the day's mails once the hour has come, and send what is due; returns how many were.

    Any number of processes may do so at once: a row stands for each person and day, and
    who sends it takes it first. A process that dies between handing the mail over and
    writing so makes it go out again after ten minutes, with the same Message-ID.
    """
    if not is_set_up(settings):
        return 0
    today = clock.today()
    if clock.local(clock.now()).hour >= settings.digest_hour:
        _plan(database, settings, today)
    _give_up_older(database, today)
    with database.read() as session:
        due = session.execute(
            select(Reminder.id, Reminder.next_at)
            .where(Reminder.state == State.WAITING, Reminder.next_at <= clock.now())
            .order_by(Reminder.next_at, Reminder.id)
        ).all()
    sent = 0
    for reminder_id, seen in due:
        if not _claim(database, reminder_id, seen):
            continue
        try:
            sent += _sent(database, settings, reminder_id, post)
        except MailError as error:
            _failed(database, reminder_id, error)
            if error.nobody:  # nor would the next one go out now
                break
    return sent


def troubles(session: Session) -> Sequence[Reminder]:
    """Return the mails of the last days that failed, or were not taken yet, newest first."""
    since = clock.today() - timedelta(days=TOLD_DAYS)
    return session.scalars(
        select(Reminder)
        .options(joinedload(Reminder.user))
        .where(
            Reminder.day > since,
            or_(
                Reminder.state == State.FAILED,
                (Reminder.state == State.WAITING) & (Reminder.problem != ""),
            ),
        )
        .order_by(Reminder.id.desc())
        .limit(100)
    ).all()


def _plan(database: Database, settings: Settings, today: date) -> None:
    planned = exists().where(Reminder.user_id == User.id, Reminder.day == today)
    with database.read() as session:
        wanted = session.scalars(
            select(User).where(User.active, User.email.is_not(None), ~planned).order_by(User.id)
        ).all()
        states = {
            user.id: State.WAITING
            if digest(session, as_actor(session, user, "邮件"), settings)
            else State.NOTHING
            for user in wanted
        }
    if not states:
        return
    instant = clock.now()
    try:
        with database.write() as session:
            session.add_all(
                Reminder(user_id=user_id, day=today, state=state.value, next_at=instant)
                for user_id, state in states.items()
            )
    except IntegrityError:  # another process planned them
        return
    count = sum(state is State.WAITING for state in states.values())
    log.info("reminders_planned", day=today.isoformat(), count=count)


def _give_up_older(database: Database, today: date) -> None:
    """What was not taken by the end of its day is not sent on the next, which has its own."""
    older = (Reminder.state == State.WAITING, Reminder.day < today)
    with database.read() as session:
        if session.scalar(select(Reminder.id).where(*older).limit(1)) is None:
            return
    with database.write() as session:
        session.execute(
            update(Reminder)
            .where(*older, Reminder.next_at <= clock.now())
            .values(state=State.FAILED.value, done_at=clock.now())
        )


def _claim(database: Database, reminder_id: int, seen: datetime) -> bool:
    """Take a mail: whoever comes second finds that its time has moved on."""
    with database.write() as session:
        taken = session.execute(
            update(Reminder)
            .where(
                Reminder.id == reminder_id,
                Reminder.state == State.WAITING,
                Reminder.next_at == seen,
            )
            .values(next_at=clock.now() + LEASE, attempts=Reminder.attempts + 1)
            .returning(Reminder.id)
            .execution_options(synchronize_session=False)
        ).first()
    return taken is not None


def _sent(database: Database, settings: Settings, reminder_id: int, post: Send) -> bool:
    with database.read() as session:
        found = session.get_one(Reminder, reminder_id)
        user = session.get_one(User, found.user_id)
        told = digest(session, as_actor(session, user, "邮件"), settings)
    if told is None or not user.email or not user.active:
        _write(database, reminder_id, State.NOTHING)
        return False
    name = f"digest-{user.id}-{found.day:%Y%m%d}"
    post(settings, Mail(user.email, told.subject, told.text, name))
    _write(database, reminder_id, State.SENT)
    log.info("reminder_sent", user_id=user.id)
    return True


def _failed(database: Database, reminder_id: int, error: MailError) -> None:
    with database.write() as session:
        found = session.get_one(Reminder, reminder_id)
        found.problem = str(error)[:200]
        if error.permanent or found.attempts > len(PAUSES):
            found.state, found.done_at = State.FAILED.value, clock.now()
        else:
            found.next_at = clock.now() + PAUSES[found.attempts - 1]
        user_id, attempts, state = found.user_id, found.attempts, found.state
    log.warning("reminder_not_sent", user_id=user_id, attempts=attempts, state=state)


def _write(database: Database, reminder_id: int, state: State) -> None:
    with database.write() as session:
        found = session.get_one(Reminder, reminder_id)
        found.state, found.done_at, found.problem = state.value, clock.now(), ""
