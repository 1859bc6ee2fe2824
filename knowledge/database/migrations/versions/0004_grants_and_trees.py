"""Grants instead of a list of roles; departments and categories that can be kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OF_DEPARTMENTS = ("editor", "reviewer")
MERGED_INTO = "fk_departments_merged_into_id_departments"
users = sa.table(
    "users", sa.column("id"), sa.column("roles", sa.JSON()), sa.column("department_id")
)
grants = sa.table(
    "grants",
    sa.column("user_id"),
    sa.column("role"),
    sa.column("department_id"),
    sa.column("category_id"),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_grants_user_id_users"),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_grants_department_id_departments"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name="fk_grants_category_id_categories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    for column in ("user_id", "role", "department_id", "category_id"):
        op.create_index(f"ix_grants_{column}", "grants", [column])
    _grants_from_roles()
    op.drop_column("users", "roles")
    op.add_column("users", _flag("must_change_password", sa.false()))
    op.add_column("departments", _flag("active", sa.true()))
    for table in ("users", "departments", "categories"):
        op.add_column(table, _number("lock_version", "1"))
    for table in ("departments", "categories"):
        op.add_column(table, _number("position", "0"))
    op.add_column("categories", sa.Column("review_months", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":  # it cannot add a constraint later
        op.execute(
            "ALTER TABLE departments ADD COLUMN merged_into_id INTEGER"
            f" CONSTRAINT {MERGED_INTO} REFERENCES departments (id)"
        )
    else:
        op.add_column("departments", sa.Column("merged_into_id", sa.Integer(), nullable=True))
        op.create_foreign_key(MERGED_INTO, "departments", "departments", ["merged_into_id"], ["id"])


def downgrade() -> None:
    """Take back: what reached beyond roles and one department is lost."""
    op.add_column(
        "users", sa.Column("roles", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    _roles_from_grants()
    op.drop_table("grants")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(MERGED_INTO, "departments")
    for column in ("merged_into_id", "position", "lock_version", "active"):
        op.drop_column("departments", column)
    for column in ("review_months", "position", "lock_version"):
        op.drop_column("categories", column)
    for column in ("must_change_password", "lock_version"):
        op.drop_column("users", column)


def _flag(name: str, value: sa.ColumnElement[bool]) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=value)


def _number(name: str, value: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=value)


def _grants_from_roles() -> None:
    connection = op.get_bind()
    rows = [
        {
            "user_id": user.id,
            "role": role,
            "department_id": user.department_id if role in OF_DEPARTMENTS else None,
        }
        for user in connection.execute(sa.select(users))
        for role in user.roles
        if role not in OF_DEPARTMENTS or user.department_id is not None
    ]
    if rows:
        connection.execute(grants.insert(), rows)


def _roles_from_grants() -> None:
    """Give back what the old release can say; nobody may do more than before."""
    connection = op.get_bind()
    for user in connection.execute(sa.select(users.c.id, users.c.department_id)).all():
        held = connection.execute(sa.select(grants).where(grants.c.user_id == user.id)).all()
        home = user.department_id
        roles = {
            grant.role
            for grant in held
            if grant.category_id is None
            and grant.department_id == (home if grant.role in OF_DEPARTMENTS else None)
        }
        connection.execute(users.update().where(users.c.id == user.id).values(roles=sorted(roles)))
