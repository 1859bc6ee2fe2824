"""How a matter is handled, keywords; pictures of answers; what is being typed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

LISTS = ("materials", "steps", "places", "keywords")
TEXTS = ("fees", "time_limit")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply; what is there already says nothing of how its matter is handled."""
    for name in LISTS:
        column = sa.Column(name, sa.JSON(), nullable=False, server_default="[]")
        op.add_column("entry_versions", column)
    for name in TEXTS:
        column = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("entry_versions", column)
    op.create_table(
        "pictures",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_pictures"),
    )
    op.create_table(
        "autosaves",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("saved_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_autosaves_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", "subject", name="pk_autosaves"),
    )
    op.create_index("ix_autosaves_saved_at", "autosaves", ["saved_at"])


def downgrade() -> None:
    """Take back: what only the new fields held goes."""
    op.drop_table("autosaves")
    op.drop_table("pictures")
    for name in (*LISTS, *TEXTS):
        op.drop_column("entry_versions", name)
