"""The database: migrations, releases, transactions."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from knowledge import clock
from knowledge.conversations.models import Conversation
from knowledge.conversations.service import Draft, Sender, add_message, open_conversation
from knowledge.database import Database
from knowledge.database.migrate import SchemaError, check, downgrade, upgrade
from knowledge.database.schema import METADATA
from knowledge.departments.service import add_department, departments
from knowledge.feed.models import Change
from knowledge.feed.service import head


def of_the_models(name: str | None, kind: str, _parents: Any) -> bool:
    """SQLite keeps its full-text index in tables of its own."""
    return kind != "table" or not (name or "").startswith("entry_grams")


def test_migrations_make_what_the_models_say_and_take_it_back(database: Database) -> None:
    with database.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": of_the_models}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []
    downgrade(database, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_a_database_of_a_newer_release_is_refused_and_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (check, upgrade):
        with pytest.raises(SchemaError, match="更新的版本（9999）"):
            attempt(database)
    with database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_an_empty_database_is_named(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SchemaError, match="hotline setup"):
        check(empty)
    empty.close()


def test_a_writing_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    def add_two_and_fail() -> None:
        with database.write() as session:
            add_department(session, code="a", name="甲局")
            add_department(session, code="b", name="乙局")
            raise OSError("no space left")

    with pytest.raises(OSError, match="space"):
        add_two_and_fail()
    with database.read() as session:
        assert departments(session) == []
        add_department(session, code="c", name="丙局")  # what reads keeps nothing
    with database.read() as session:
        assert departments(session) == []


def test_writers_queue_up_and_none_is_lost(database: Database) -> None:
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(20):
                with database.write() as session:
                    add_department(session, code=f"{name}{number}", name=f"{name}{number}局")
        except OperationalError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "甲乙丙丁"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.read() as session:
        assert len(departments(session)) == 80


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    with database.write() as writer:
        add_department(writer, code="a", name="甲局")
        with database.read() as reader:
            assert departments(reader) == []
    with database.read() as reader:
        assert [one.name for one in departments(reader)] == ["甲局"]


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Change(revision=1, entry_id=999, at=clock.now()))


def test_foreign_tables_are_left_alone(tmp_path: Path) -> None:
    foreign = Database(f"sqlite:///{tmp_path / 'foreign.db'}")
    with foreign.write() as session:
        session.execute(text("CREATE TABLE entries (mine TEXT)"))
        session.execute(text("INSERT INTO entries VALUES ('kept')"))
    with pytest.raises(SchemaError, match="不属于本系统"):
        upgrade(foreign)
    with foreign.read() as session:
        assert session.scalar(text("SELECT mine FROM entries")) == "kept"
    assert inspect(foreign.engine).get_table_names() == ["entries"]
    foreign.close()


def test_up_down_and_up_again_is_an_empty_base_with_a_name_of_its_own(database: Database) -> None:
    with database.read() as session:
        first = head(session)
    downgrade(database, "base")
    upgrade(database)
    upgrade(database)  # nothing happens twice
    check(database)
    with database.read() as session:
        second = head(session)
    assert (first.revision, second.revision) == (0, 0)
    assert first.base_id != second.base_id


def test_times_come_back_as_they_went_in_and_naive_ones_do_not_go_in(database: Database) -> None:
    shanghai = datetime(2026, 3, 1, 8, 30, tzinfo=clock.SHANGHAI)
    with clock.frozen(lambda: shanghai), database.write() as session:
        conversation, _ = open_conversation(session, "web")
    with database.read() as session:
        found = session.get(Conversation, conversation)
        assert found is not None
        assert found.created_at == shanghai
        assert found.created_at.utcoffset() == timedelta(0)
    naive = shanghai.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        session.add(Conversation(id="x", token_hash="x", channel="web", created_at=naive))


def test_an_error_of_the_database_does_not_repeat_a_citizens_words(database: Database) -> None:
    """Errors are logged with their text; logs hold ids, never what people wrote."""
    message = Draft(Sender.CITIZEN, "我家住在某某路五号")
    with pytest.raises(IntegrityError) as told, database.write() as session:
        add_message(session, "no such conversation", message)
    assert "某某路" not in str(told.value)
