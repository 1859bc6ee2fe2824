"""Corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("reporter_name", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("open_for", sa.String(length=48), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mended_by_id", sa.Integer(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=f"fk_corrections_{column}_{table}"
            )
            for column, table in (
                ("entry_id", "entries"),
                ("version_id", "entry_versions"),
                ("reporter_id", "users"),
                ("conversation_id", "conversations"),
                ("mended_by_id", "entry_versions"),
                ("duplicate_of_id", "corrections"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    for name in ("entry_id", "reporter_id", "conversation_id"):
        op.create_index(f"ix_corrections_{name}", "corrections", [name])
    op.create_index("ix_corrections_state", "corrections", ["state", "due_at"])
    op.create_index("uq_corrections_open", "corrections", ["version_id", "open_for"], unique=True)


def downgrade() -> None:
    """Take back: the corrections go."""
    op.drop_table("corrections")
