"""Alembic's entry: runs the migrations on the database that `migrate` hands over."""

from alembic import context

from knowledge.database.connection import Database
from knowledge.database.schema import METADATA

database: Database = context.config.attributes["database"]

with database.writer.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=database.is_sqlite,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
