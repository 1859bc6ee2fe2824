"""How questions ended, knowledge gaps, and phrasings that are not to be suggested again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _outcomes()
    _gaps()
    op.create_table(
        "phrasing_dismissals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_phrasing_dismissals_entry_id_entries"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_phrasing_dismissals"),
        sa.UniqueConstraint("entry_id", "form", name="uq_phrasing_dismissals_entry_id"),
    )


def downgrade() -> None:
    """Take back: what was grouped and decided goes; the logs stay."""
    for table in ("phrasing_dismissals", "gap_head", "gap_questions", "gaps", "query_outcomes"):
        op.drop_table(table)


def _outcomes() -> None:
    op.create_table(
        "query_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("offered", sa.JSON(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("asker", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_query_outcomes_entry_id_entries"
        ),
        sa.ForeignKeyConstraint(
            ["query_id"], ["queries.id"], name="fk_query_outcomes_query_id_queries"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name="fk_query_outcomes_message_id_messages",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_query_outcomes"),
    )
    for column in ("at", "kind", "entry_id", "query_id", "message_id"):
        op.create_index(f"ix_query_outcomes_{column}", "query_outcomes", [column])


def _gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("suggested_department_id", sa.Integer(), nullable=True),
        sa.Column("suggested_category_id", sa.Integer(), nullable=True),
        sa.Column("suggested_for", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("checked_revision", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_gaps_department_id_departments"
        ),
        sa.ForeignKeyConstraint(
            ["suggested_department_id"],
            ["departments.id"],
            name="fk_gaps_suggested_department_id_departments",
        ),
        sa.ForeignKeyConstraint(
            ["suggested_category_id"],
            ["categories.id"],
            name="fk_gaps_suggested_category_id_categories",
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_gaps_entry_id_entries"),
        sa.ForeignKeyConstraint(["merged_into"], ["gaps.id"], name="fk_gaps_merged_into_gaps"),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    for column in ("status", "department_id", "entry_id"):
        op.create_index(f"ix_gaps_{column}", "gaps", [column])
    op.create_table(
        "gap_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("asker", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name="fk_gap_questions_gap_id_gaps"),
        sa.PrimaryKeyConstraint("id", name="pk_gap_questions"),
        sa.UniqueConstraint("source", "source_id", name="uq_gap_questions_source"),
    )
    op.create_index("ix_gap_questions_at", "gap_questions", ["at"])
    op.create_index("ix_gap_questions_asker", "gap_questions", ["asker"])
    op.create_index("ix_gap_questions_gap_id", "gap_questions", ["gap_id", "at"])
    op.create_table(
        "gap_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queries_to", sa.Integer(), nullable=False),
        sa.Column("outcomes_to", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("regroup", sa.Boolean(), nullable=False),
        sa.Column("ran_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_gap_head"),
    )
    head = sa.table(
        "gap_head",
        sa.column("id"),
        sa.column("queries_to"),
        sa.column("outcomes_to"),
        sa.column("regroup", sa.Boolean()),
    )
    op.execute(head.insert().values(id=1, queries_to=0, outcomes_to=0, regroup=False))
