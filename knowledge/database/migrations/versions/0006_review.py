"""Versions on their way: steps, authors, notes, and how long each was served."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHEN = sa.DateTime(timezone=True)
OF_ENTRIES = ("archived_at", "reviewed_at")
OF_VERSIONS: tuple[tuple[str, Any], ...] = (
    ("step", sa.String(length=16)),
    ("step_since", WHEN),
    ("step_due", WHEN),
    ("publish_at", WHEN),
    ("submitter_id", sa.Integer()),
    ("submitter_name", sa.String(length=64)),
    ("published_by", sa.String(length=64)),
    ("retired_at", WHEN),
)
INDEXES = ("publish_at", "step")


def upgrade() -> None:
    """Apply; what waits as a draft is being written, what was served was served until the next."""
    for name in OF_ENTRIES:
        op.add_column("entries", sa.Column(name, WHEN, nullable=True))
    for name, kind in OF_VERSIONS:
        op.add_column("entry_versions", sa.Column(name, kind, nullable=True))
    for name, kind, default in (("notice", sa.Text(), ""), ("emergency", sa.Boolean(), sa.false())):
        column = sa.Column(name, kind, nullable=False, server_default=default)
        op.add_column("entry_versions", column)
    for name in INDEXES:
        op.create_index(f"ix_entry_versions_{name}", "entry_versions", [name])
    op.create_table(
        "version_authors",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["entry_versions.id"],
            name="fk_version_authors_version_id_entry_versions",
        ),
        sa.PrimaryKeyConstraint("version_id", "user_id", name="pk_version_authors"),
    )
    op.create_index("ix_version_authors_user_id", "version_authors", ["user_id"])
    op.create_table(
        "version_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["entry_versions.id"], name="fk_version_notes_version_id_entry_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_version_notes"),
    )
    op.create_index("ix_version_notes_version_id", "version_notes", ["version_id"])
    for statement in FILL:
        op.execute(statement)


# What is known of the time before: the audit log tells when an entry was withdrawn.
FILL = (
    """
    UPDATE entry_versions SET step = 'writing', step_since = created_at
    WHERE id IN (SELECT draft_version_id FROM entries)
    """,
    """
    UPDATE entries SET reviewed_at =
        (SELECT v.published_at FROM entry_versions v WHERE v.id = entries.published_version_id)
    """,
    """
    UPDATE entry_versions SET retired_at = (
        SELECT min(n.published_at) FROM entry_versions n
        WHERE n.entry_id = entry_versions.entry_id AND n.number > entry_versions.number
    )
    WHERE published_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.published_version_id = entry_versions.id)
    """,
    """
    UPDATE entry_versions SET retired_at = (
        SELECT min(a.at) FROM audit_log a
        WHERE a.subject = 'entry:' || entry_versions.entry_id
        AND a.action = 'entry_withdrawn' AND a.at >= entry_versions.published_at
    )
    WHERE published_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM audit_log a
        WHERE a.subject = 'entry:' || entry_versions.entry_id
        AND a.action = 'entry_withdrawn' AND a.at >= entry_versions.published_at
        AND (entry_versions.retired_at IS NULL OR a.at < entry_versions.retired_at)
    )
    """,
)


def downgrade() -> None:
    """Take back: steps, authors and notes go, every wording stays."""
    for table in ("version_notes", "version_authors"):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(f"ix_entry_versions_{name}", "entry_versions")
    for name in ("notice", "emergency", *(name for name, _ in OF_VERSIONS)):
        op.drop_column("entry_versions", name)
    for name in OF_ENTRIES:
        op.drop_column("entries", name)
