"""Many new rows in a few statements: what the ORM would do one object at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, inspect, update
from sqlalchemy.orm import Mapper, RelationshipDirection, Session

from knowledge.database.base import Base

PORTION = 500


def lay_down(session: Session, objects: Sequence[Base]) -> None:
    """Insert objects of one class that no session holds, with the children they own.

    Each gets its `id`; links to rows that are not its children are for the caller to set.
    """
    if not objects:
        return
    mapper = inspect(type(objects[0]))
    table = _table(mapper)
    rows = [_values(mapper, one) for one in objects]
    ids = session.scalars(
        insert(table).returning(table.c.id, sort_by_parameter_order=True), rows
    ).all()
    for one, number in zip(objects, ids, strict=True):
        one.id = number  # type: ignore[attr-defined]
    for relation in mapper.relationships:
        if relation.direction is RelationshipDirection.ONETOMANY:
            ((_, link),) = relation.local_remote_pairs
            _lay_children(session, relation.mapper, relation.key, link.key, objects)


def rewrite(session: Session, objects: Sequence[Base]) -> None:
    """Write all columns of rows that are there, and their children anew.

    The objects are of one class, loaded whole, and in no session.
    """
    if not objects:
        return
    mapper = inspect(type(objects[0]))
    table = _table(mapper)
    rows = [_values(mapper, one) for one in objects]
    columns = [name for name in rows[0] if name != "id"]
    statement = update(table).where(table.c.id == bindparam("row"))
    session.execute(
        statement.values({name: bindparam(f"to_{name}") for name in columns}),
        [{"row": row["id"], **{f"to_{name}": row[name] for name in columns}} for row in rows],
    )
    for relation in mapper.relationships:
        if relation.direction is RelationshipDirection.ONETOMANY:
            ((_, link),) = relation.local_remote_pairs
            children = _table(relation.mapper)
            for start in range(0, len(rows), PORTION):
                ids = [row["id"] for row in rows[start : start + PORTION]]
                session.execute(delete(children).where(children.c[str(link.key)].in_(ids)))
            _lay_children(session, relation.mapper, relation.key, link.key, objects)


def _lay_children(
    session: Session, mapper: Mapper[Any], key: str, link: str | None, objects: Iterable[Base]
) -> None:
    rows = [
        _without_id(_values(mapper, child)) | {str(link): one.id}  # type: ignore[attr-defined]
        for one in objects
        for child in one.__dict__.get(key, ())
    ]
    if rows:
        session.execute(insert(_table(mapper)), rows)


def _without_id(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "id"}


def _values(mapper: Mapper[Any], one: Base) -> dict[str, Any]:
    """Return what the object says, by column; defaults where it says nothing."""
    found = {}
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in one.__dict__:
            found[column.key] = one.__dict__[attribute.key]
        elif not column.primary_key:
            default = column.default
            found[column.key] = default.arg if default is not None and default.is_scalar else None
    return found


def _table(mapper: Mapper[Any]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table)  # noqa: S101 - every model of ours is a table
    return table
