"""Publishes at a set time: on time, exactly once, however many processes run.

Each web process asks once a second whether something is due. Who finds it takes the
entry in a writing transaction, looks again, and serves it there: a second process
waits for the lock (SQLite) or passes it over (PostgreSQL), and finds nothing more to do.
What fell due while nothing ran is published at the next start.
"""

import threading

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.categories.service import leaf_paths
from knowledge.database import Database
from knowledge.entries.batch import flush, serve_all
from knowledge.entries.lifecycle import Step
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import is_expired, note, place, touch
from knowledge.errors import ConflictError
from knowledge.people.actor import Actor

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
CLOSE_SECONDS = 10.0
CLERK = Actor(user_id=None, name="定时发布", address="定时", is_system=True)


def publish_due(database: Database) -> int:
    """Publish what is due, each entry in a transaction of its own; returns how many were."""
    with database.read() as session:
        due = session.scalars(
            select(Entry.id)
            .join(EntryVersion, EntryVersion.id == Entry.draft_version_id)
            .where(EntryVersion.publish_at <= clock.now())
            .order_by(EntryVersion.publish_at)
        ).all()
    return sum(_published(database, entry_id) for entry_id in due)


class Ticker:
    """A thread that publishes what is due, once a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End; a publication that runs is finished."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                publish_due(self._database)
            except SQLAlchemyError as error:  # the database is away: what is due waits
                log.warning("due_publications_unreachable", reason=type(error).__name__)
            except Exception:
                log.error("due_publications_failed", exc_info=True)
            self._stop.wait(TICK_SECONDS)


def _published(database: Database, entry_id: int) -> bool:
    """Publish one entry if it is still due; what went wrong with it holds up no other."""
    try:
        with database.write() as session:
            return _claimed_and_served(session, entry_id)
    except ConflictError:  # another process was faster, or somebody changed it this instant
        return False
    except OperationalError:
        raise
    except Exception:
        log.error("due_publication_failed", entry_id=entry_id, exc_info=True)
        return False


def _claimed_and_served(session: Session, entry_id: int) -> bool:
    taken = select(Entry).where(Entry.id == entry_id).with_for_update(skip_locked=True)
    entry = session.scalar(taken)
    version = entry.draft if entry is not None else None
    if entry is None or version is None or not _due(version):
        return False
    hindrance = _hindrance(session, entry, version)
    if hindrance is not None:
        _not_published(session, entry, version, hindrance)
        return False
    planned = version.publish_at
    more = {"approved_by": version.published_by, "planned": planned and planned.isoformat()}
    note(session, CLERK, version, "published")
    revision = serve_all(session, CLERK, [entry], more=more)
    log.info("entry_published_as_planned", entry_id=entry_id, revision=revision)
    return True


def _due(version: EntryVersion) -> bool:
    planned = version.publish_at
    return version.step == Step.SCHEDULED and planned is not None and planned <= clock.now()


def _hindrance(session: Session, entry: Entry, version: EntryVersion) -> str | None:
    if entry.archived_at is not None:
        return "条目已归档"
    if is_expired(version):
        return "到发布时有效期已经过了"
    if version.category_id not in leaf_paths(session):
        return "所选分类已经不能用了"
    return None


def _not_published(session: Session, entry: Entry, version: EntryVersion, why: str) -> None:
    told = f"没有按时发布：{why}。请改好后重新提交审核"
    before = {"version": version.number, "step": version.step}
    place(version, Step.RETURNED, notice=told)
    note(session, CLERK, version, "returned", told)
    touch(entry)
    flush(session)
    after = {"version": version.number, "step": version.step, "reason": why}
    record(session, CLERK, "version_not_published", f"entry:{entry.id}", before=before, after=after)
    log.warning("entry_not_published_as_planned", entry_id=entry.id)
