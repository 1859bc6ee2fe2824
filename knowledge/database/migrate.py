"""Bring a database to this release's schema, or say why that cannot be."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from knowledge.database.connection import Database
from knowledge.errors import KnowledgeError

SCRIPTS = Path(__file__).parent / "migrations"


class SchemaError(KnowledgeError):
    """The database cannot be used by this release."""


def current(database: Database) -> str | None:
    """Return the database's schema revision, or None if it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the schema revision that this release works with."""
    revision = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if revision is None:
        raise SchemaError("安装不完整：缺少数据库迁移脚本，请重新安装")
    return revision


def check(database: Database) -> None:
    """Make sure that the schema is this release's.

    Raises:
        SchemaError: empty, older, or from a newer release; the message says what to do.
    """
    found = current(database)
    if found == newest():
        return
    if found is None:
        raise SchemaError("数据库还没有建立，请先运行 hotline setup")
    _require_known(found)
    raise SchemaError(f"数据库版本 {found} 较旧，请先运行 hotline setup 升级")


def upgrade(database: Database) -> None:
    """Create or upgrade the tables; nothing is touched when they are up to date.

    Raises:
        SchemaError: the database is from a newer release, or holds foreign tables.
    """
    found = current(database)
    if found == newest():
        return
    if found is None and inspect(database.engine).has_table("entries"):
        raise SchemaError("这个数据库里已有不属于本系统的表，请换一个空数据库")
    if found is not None:
        _require_known(found)
    _run(database, "upgrade", newest())


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to `revision` ("base" drops every table)."""
    _run(database, "downgrade", revision)


def _require_known(found: str) -> None:
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if found not in known:
        raise SchemaError(
            f"数据库来自更新的版本（{found}），本程序只认识到 {newest()}；"
            "未做任何改动。请安装新版本程序，或恢复旧数据库的备份"
        )


def _run(database: Database, direction: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["database"] = database
    getattr(command, direction)(config, revision)
