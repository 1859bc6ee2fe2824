"""Exports entries to a file that is whole or not there."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from knowledge.database import Database
from knowledge.departments.service import department_named
from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.outgoing import Record, count, records
from knowledge.exchange.reading import kind_of
from knowledge.exchange.writing import WRITERS

Progress = Callable[[int, int], None]


def export(
    database: Database,
    path: Path,
    progress: Progress | None = None,
    *,
    department: str | None = None,
    state: str | None = None,
    force: bool = False,
) -> int:
    """Write entries to `path`; the name's ending says in which format.

    Args:
        progress: called with rows done and rows in all.
        department: the name or code of the only department to export.
        state: 发布 or 草稿, the only state to export.
        force: overwrite a file that is there.

    Returns:
        How many entries were written.

    Raises:
        ExchangeError: another kind of file, one that is there already, or no room.
        NotFoundError: no such department.
    """
    write = WRITERS[kind_of(path)]
    _require_free(path, force)
    with database.read() as session:
        owner = department_named(session, department).id if department else None
        total = count(session, owner, state)
        found = _watched(records(session, owner, state), total, progress)
        aside = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
        try:
            write(aside, found)
            _require_free(path, force)
            aside.replace(path)
        except OSError as error:
            raise ExchangeError(f"无法写入 {path}：{error.strerror or error}") from error
        finally:
            aside.unlink(missing_ok=True)
    return total


def _require_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise ExchangeError(f"{path} 是一个文件夹，请写明文件名")
    if not path.parent.is_dir():
        raise ExchangeError(f"文件夹 {path.parent} 不存在，请先建立")
    if path.exists() and not force:
        raise ExchangeError(f"{path} 已经存在，没有覆盖；要覆盖请加 --force")


def _watched(found: Iterable[Record], total: int, progress: Progress | None) -> Iterator[Record]:
    for done, record in enumerate(found, start=1):
        yield record
        if progress is not None:
            progress(done, total)
