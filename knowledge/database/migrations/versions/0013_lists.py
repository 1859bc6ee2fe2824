"""What lists show of entries, with an index of all texts; saved filters."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from knowledge.database.base import UtcDateTime
from knowledge.entries.grams import grams

revision = "0013"
down_revision = "0012"

PORTION = 500
WHEN = UtcDateTime()
INDEXES = {
    "all": ("archived", "updated_at"),
    "department": ("department_id", "archived", "updated_at"),
    "category": ("category_id", "archived", "updated_at"),
    "step": ("step", "archived", "updated_at"),
    "question": ("archived", "question"),
    "until": ("archived", "shown_until"),
    "state": ("archived", "served", "withdrawn", "step", "valid_until", "valid_from"),
}


def upgrade() -> None:
    """Apply: every entry gets its row, and the database looks into the texts from then on."""
    listing = op.create_table(
        "entry_listing",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=128), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=True),
        sa.Column("step_due", WHEN, nullable=True),
        sa.Column("noticed", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        *(sa.Column(n, sa.Boolean(), nullable=False) for n in ("served", "withdrawn", "archived")),
        *(sa.Column(n, sa.Date()) for n in ("valid_from", "valid_until", "shown_until")),
        sa.Column("updated_at", WHEN, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{many}.id"], name=f"fk_entry_listing_{one}_id_{many}"
            )
            for one, many in (("department", "departments"), ("category", "categories"))
        ),
        *_of_an_entry("entry_listing"),
    )
    texts = op.create_table(
        "entry_texts",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        *_of_an_entry("entry_texts"),
    )
    for statement in _look_into_texts():
        op.execute(statement)
    for rows in _rows(op.get_bind()):
        op.bulk_insert(listing, [row for row, _ in rows])
        op.bulk_insert(texts, [{"entry_id": row["entry_id"], "grams": said} for row, said in rows])
    for name, columns in INDEXES.items():
        op.create_index(f"ix_entry_listing_{name}", "entry_listing", list(columns))
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_saved_filters_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filters"),
    )
    op.create_index("uq_saved_filters_name", "saved_filters", ["user_id", "name"], unique=True)


def downgrade() -> None:
    """Take back: entries, versions and texts are untouched; saved filters go."""
    op.drop_table("saved_filters")
    if _is_sqlite():
        op.execute("DROP TABLE entry_grams")
    op.drop_table("entry_texts")
    op.drop_table("entry_listing")


def _of_an_entry(table: str) -> tuple[Any, ...]:
    name = f"fk_{table}_entry_id_entries"
    return (
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=name, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=f"pk_{table}"),
    )


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _look_into_texts() -> tuple[str, ...]:
    """Let the database index the grams; it follows each change of them by itself.

    SQLite: FTS5 without a copy of the text, `prefix` for single characters; its ASCII
    tokenizer takes everything beyond ASCII for letters. PostgreSQL: an inverted index.
    """
    if not _is_sqlite():
        return (
            "CREATE INDEX ix_entry_texts_grams ON entry_texts "
            "USING gin (string_to_array(grams, ' '))",
        )
    out = "INSERT INTO entry_grams(entry_grams, rowid, grams) "
    out += "VALUES ('delete', old.entry_id, old.grams);"
    in_ = "INSERT INTO entry_grams(rowid, grams) VALUES (new.entry_id, new.grams);"
    return (
        "CREATE VIRTUAL TABLE entry_grams USING fts5(grams, content='entry_texts', "
        "content_rowid='entry_id', columnsize=0, prefix='1', tokenize='ascii')",
        f"CREATE TRIGGER entry_grams_in AFTER INSERT ON entry_texts BEGIN {in_} END",
        f"CREATE TRIGGER entry_grams_out AFTER DELETE ON entry_texts BEGIN {out} END",
        "CREATE TRIGGER entry_grams_change AFTER UPDATE OF grams ON entry_texts "
        f"WHEN old.grams <> new.grams BEGIN {out} {in_} END",
    )


def _rows(bind: sa.Connection) -> Iterator[list[tuple[dict[str, Any], str]]]:
    low = 0
    while found := _entries(bind, low):
        low = found[-1].id
        ids = {
            getattr(one, name)
            for one in found
            for name in ("published_version_id", "draft_version_id")
        }
        versions = {one.id: one for one in bind.execute(VERSIONS, {"ids": _known(ids)})}
        said: dict[int, list[str]] = {}
        for one in bind.execute(PHRASINGS, {"ids": _known(ids)}):
            said.setdefault(one.version_id, []).append(one.text)
        yield [_row(one, versions, said) for one in found]


def _known(ids: set[int | None]) -> list[int]:
    return sorted(one for one in ids if one is not None)


def _entries(bind: sa.Connection, low: int) -> Any:
    query = ENTRIES.where(ENTRY.c.id > low).order_by(ENTRY.c.id).limit(PORTION)
    return bind.execute(query).all()


def _row(
    one: Any, versions: dict[int, Any], said: dict[int, list[str]]
) -> tuple[dict[str, Any], str]:
    published = versions.get(one.published_version_id)
    draft = versions.get(one.draft_version_id)
    shown = draft or published
    texts = dict.fromkeys([one.code])
    for version in filter(None, (published, draft)):
        texts |= dict.fromkeys([version.standard_question, version.answer, version.legal_basis])
        texts |= dict.fromkeys(said.get(version.id, ()))
    row = {
        "entry_id": one.id,
        "code": one.code,
        "department_id": one.department_id,
        "category_id": shown.category_id if shown else None,
        "question": shown.standard_question if shown else "（无内容）",
        "draft_id": draft.id if draft else None,
        "step": (draft.step or "writing") if draft else None,
        "step_due": draft.step_due if draft else None,
        "noticed": bool(draft and draft.notice),
        "holder": (draft.submitter_name or draft.author_name) if draft else "",
        "served": published is not None,
        "withdrawn": one.withdrawn_at is not None,
        "archived": one.archived_at is not None,
        "valid_from": published.valid_from if published else None,
        "valid_until": published.valid_until if published else None,
        "shown_until": shown.valid_until if shown else None,
        "updated_at": one.updated_at,
    }
    return row, grams("\n".join(texts))


def _table(name: str, **columns: Any) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


ENTRY = _table(
    "entries",
    id=sa.Integer(),
    code=sa.String(),
    department_id=sa.Integer(),
    published_version_id=sa.Integer(),
    draft_version_id=sa.Integer(),
    withdrawn_at=UtcDateTime(),
    archived_at=UtcDateTime(),
    updated_at=UtcDateTime(),
)
VERSION = _table(
    "entry_versions",
    id=sa.Integer(),
    standard_question=sa.String(),
    answer=sa.Text(),
    legal_basis=sa.String(),
    category_id=sa.Integer(),
    valid_from=sa.Date(),
    valid_until=sa.Date(),
    step=sa.String(),
    step_due=UtcDateTime(),
    notice=sa.Text(),
    author_name=sa.String(),
    submitter_name=sa.String(),
)
PHRASING = _table("phrasings", id=sa.Integer(), version_id=sa.Integer(), text=sa.String())
IDS: Any = sa.bindparam("ids", expanding=True)
ENTRIES = sa.select(ENTRY)
VERSIONS = sa.select(VERSION).where(VERSION.c.id.in_(IDS))
PHRASINGS = (
    sa.select(PHRASING.c.version_id, PHRASING.c.text)
    .where(PHRASING.c.version_id.in_(IDS))
    .order_by(PHRASING.c.id)
)
