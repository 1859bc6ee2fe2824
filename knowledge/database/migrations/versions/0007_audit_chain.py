"""The audit log as a chain, whose rows are only ever added."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from knowledge.audit.chain import digest, genesis
from knowledge.database.base import UtcDateTime

revision = "0007"
down_revision = "0006"

PORTION = 1000
REFUSAL = "audit_log is append-only"

LOG = sa.table(
    "audit_log",
    sa.column("id", sa.Integer()),
    sa.column("at", UtcDateTime()),
    sa.column("actor_id", sa.Integer()),
    sa.column("actor_name", sa.String()),
    sa.column("address", sa.String()),
    sa.column("action", sa.String()),
    sa.column("subject", sa.String()),
    sa.column("before", sa.JSON()),
    sa.column("after", sa.JSON()),
    sa.column("previous", sa.String()),
    sa.column("hash", sa.String()),
)
FILLED = ("id", "at", "actor_id", "actor_name", "address", "action", "subject", "before", "after")


def upgrade() -> None:
    """Apply: the rows that are there are chained, then nobody may touch them."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    for name in ("previous", "hash"):
        op.add_column("audit_log", sa.Column(name, sa.String(length=64), nullable=True))
    last, newest = _chain(op.get_bind())
    head = sa.table("audit_head", sa.column("id"), sa.column("last"), sa.column("hash"))
    op.execute(head.insert().values(id=1, last=last, hash=newest))
    with op.batch_alter_table("audit_log") as batch:
        for name in ("previous", "hash"):
            batch.alter_column(name, existing_type=sa.String(length=64), nullable=False)
    op.drop_index("ix_audit_log_action", "audit_log")
    op.drop_index("ix_audit_log_subject", "audit_log")
    for name in ("action", "actor_name", "subject"):
        op.create_index(f"ix_audit_log_{name}", "audit_log", [name, "id"])
    for statement in _guards():
        op.execute(statement)


def downgrade() -> None:
    """Take back: the log stays, the chain goes."""
    if op.get_bind().dialect.name == "sqlite":
        for happening in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER audit_log_no_{happening}")
    else:
        for name in ("audit_log_no_change", "audit_log_no_truncate"):
            op.execute(f"DROP TRIGGER {name} ON audit_log")
        op.execute("DROP FUNCTION audit_log_refuse()")
    for name in ("action", "actor_name", "subject"):
        op.drop_index(f"ix_audit_log_{name}", "audit_log")
    with op.batch_alter_table("audit_log") as batch:
        batch.drop_column("hash")
        batch.drop_column("previous")
    for name in ("action", "subject"):
        op.create_index(f"ix_audit_log_{name}", "audit_log", [name])
    op.drop_table("audit_head")


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Chain the rows that are there; returns the last one's id and hash."""
    base = sa.table("feed_head", sa.column("base_id"))
    previous = genesis(connection.execute(sa.select(base.c.base_id)).scalar_one())
    last = 0
    columns = [LOG.c[name] for name in FILLED]
    query = sa.select(*columns).order_by(LOG.c.id).limit(PORTION)
    fill = (
        LOG.update()
        .where(LOG.c.id == sa.bindparam("row"))
        .values(previous=sa.bindparam("before_it"), hash=sa.bindparam("own"))
    )
    while rows := connection.execute(query.where(LOG.c.id > last)).mappings().all():
        filled: list[dict[str, Any]] = []
        for row in rows:
            own = digest(dict(row), previous)
            filled.append({"row": row["id"], "before_it": previous, "own": own})
            previous, last = own, row["id"]
        connection.execute(fill, filled)
    return last, previous


def _guards() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        known = "EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)"
        return [
            f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log {refuse}",
            f"CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log {refuse}",
            # INSERT OR REPLACE deletes without asking the trigger above.
            f"CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log WHEN {known} {refuse}",
        ]
    return [
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_refuse()",
        "CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
    ]
