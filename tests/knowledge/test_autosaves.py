"""What is being typed: for oneself alone, for fourteen days, never a version."""

from datetime import timedelta

import pytest

from knowledge import clock
from knowledge.autosaves import service as autosaves
from knowledge.autosaves.models import Autosave
from knowledge.autosaves.service import forget, keep, kept
from knowledge.database import Database
from knowledge.departments.models import Department
from knowledge.entries.service import entry_coded
from knowledge.errors import ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Role, system
from knowledge.people.service import add_user
from tests.knowledge.office import Office

TYPED = {"answer": ["写到一半"], "audience": []}


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database)
    made.draft()
    with database.write() as session:
        for name in ("wang", "li"):
            add_user(
                session,
                system("test"),
                username=name,
                display_name=name,
                password="long-enough-1",
                roles=[Role.EDITOR],
                department=session.get(Department, made.own),
            )
    return made


def test_it_is_kept_for_the_person_and_changes_nothing(office: Office) -> None:
    with office.database.write() as session:
        before = entry_coded(session, "card").lock_version
        keep(session, office.wang, "card", {"answer": ["先前"]}, before)
        keep(session, office.wang, "card", TYPED, before)
    with office.database.write() as session:
        found = kept(session, office.wang, "card")
        assert found is not None
        assert found.fields == TYPED
        assert entry_coded(session, "card").lock_version == before
        colleague = Actor(2, "陈采编", office.own, frozenset({Role.EDITOR}))
        assert kept(session, colleague, "card") is None
        forget(session, colleague, "card")
    with office.database.write() as session:
        assert kept(session, office.wang, "card") is not None
        forget(session, office.wang, "card")
    with office.database.read() as session:
        assert kept(session, office.wang, "card") is None


def test_who_may_not_edit_keeps_and_reads_nothing(office: Office) -> None:
    with office.database.write() as session:
        with pytest.raises(NotAllowedError):
            keep(session, office.li, "card", TYPED, 1)
        with pytest.raises(NotAllowedError):
            kept(session, office.li, "card")
        with pytest.raises(NotFoundError):
            keep(session, office.wang, "nothing", TYPED, 1)
        with pytest.raises(NotFoundError):
            kept(session, office.wang, "new-gap-x")
        keep(session, office.li, "new", TYPED, 0)
        keep(session, office.li, "new-gap-12", TYPED, 0)
        with pytest.raises(ContentError):
            keep(session, office.wang, "card", {"answer": ["字" * 120_001]}, 1)


def test_after_fourteen_days_it_is_gone(office: Office) -> None:
    with office.database.write() as session:
        keep(session, office.wang, "card", TYPED, 1)
    later = clock.now() + timedelta(days=14, seconds=1)
    with clock.frozen(lambda: later), office.database.write() as session:
        assert kept(session, office.wang, "card") is None
        keep(session, office.wang, "new", TYPED, 0)
        assert session.query(Autosave).count() == 1


def test_one_person_fills_no_disk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosaves, "PER_PERSON", 3)
    with office.database.write() as session:
        for number in range(5):
            keep(session, office.wang, f"new-gap-{number}", TYPED, 0)
    with office.database.read() as session:
        assert kept(session, office.wang, "new-gap-1") is None
        assert kept(session, office.wang, "new-gap-4") is not None
