"""The database: migrations, releases, transactions."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.database.migrate import SchemaError, check, downgrade, upgrade
from knowledge.database.schema import METADATA


def test_migrations_make_what_the_models_say_and_take_it_back(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
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


def test_an_error_does_not_repeat_what_a_citizen_wrote(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(
            text(
                "INSERT INTO phrasings (version_id, position, negative, text) VALUES (9, 0, 0, :t)"
            ),
            {"t": "我家住在某某路"},
        )
    assert "我家住在某某路" not in str(caught.value)
