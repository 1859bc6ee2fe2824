"""Review rounds, marks for re-review, reminders by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("email", sa.String(length=254), nullable=True))
    op.create_table(
        "rereviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.String(length=64), nullable=False),
        *_keys("rereviews", entry_id="entries", version_id="entry_versions"),
    )
    op.create_index("ix_rereviews_entry_id", "rereviews", ["entry_id"])
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        *_keys("rounds"),
    )
    op.create_index("ix_rounds_closed_at", "rounds", ["closed_at"])
    op.create_table(
        "round_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        *_keys(
            "round_items",
            round_id="rounds",
            entry_id="entries",
            version_id="entry_versions",
            department_id="departments",
        ),
    )
    op.create_index("uq_round_items_entry", "round_items", ["round_id", "entry_id"], unique=True)
    for name in ("entry_id", "department_id"):
        op.create_index(f"ix_round_items_{name}", "round_items", [name])
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        *_keys("reminders", user_id="users"),
    )
    op.create_index("uq_reminders_user_day", "reminders", ["user_id", "day"], unique=True)
    op.create_index("ix_reminders_state", "reminders", ["state", "next_at"])


def downgrade() -> None:
    """Take back: rounds, marks, addresses and reminders go; the entries stay as they are."""
    for table in ("reminders", "round_items", "rounds", "rereviews"):
        op.drop_table(table)
    op.drop_column("users", "email")


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    """Return the primary key and the foreign keys (column: the table it names)."""
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{named}.id"], name=f"fk_{table}_{column}_{named}")
            for column, named in columns.items()
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]
