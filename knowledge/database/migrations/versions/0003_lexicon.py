"""Synonyms and custom words."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "lexicon_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lexicon_head"),
    )
    op.create_table(
        "lexicon_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lexicon_items"),
    )
    op.create_index("ix_lexicon_items_kind", "lexicon_items", ["kind"])
    op.create_table(
        "lexicon_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=30), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["lexicon_items.id"], name="fk_lexicon_terms_item_id_lexicon_items"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lexicon_terms"),
        sa.UniqueConstraint("kind", "form", name="uq_lexicon_terms_kind"),
    )
    op.create_index("ix_lexicon_terms_item_id", "lexicon_terms", ["item_id"])
    head = sa.table("lexicon_head", sa.column("id"), sa.column("revision"))
    op.execute(head.insert().values(id=1, revision=0))


def downgrade() -> None:
    """Take back: the list goes."""
    for table in ("lexicon_terms", "lexicon_items", "lexicon_head"):
        op.drop_table(table)
