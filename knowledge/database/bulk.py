"""Many new rows in a few statements: what the ORM would do one object at a time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, inspect, update
from sqlalchemy.orm import Mapper, RelationshipDirection, Session
from sqlalchemy.orm.attributes import set_committed_value

from knowledge.database.base import Base

PORTION = 500

Listener = Callable[[Session, type[Base], Iterable[int]], None]
_listeners: list[Listener] = []


def on_bulk(listener: Listener) -> Listener:
    """Tell `listener` the class and the ids of all that is written here: no flush does."""
    _listeners.append(listener)
    return listener


def lay_down(session: Session, objects: Sequence[Base]) -> None:
    """Insert objects of one class that no session holds, with the children they own.

    Each gets its `id`; links to rows that are not its children are for the caller to set.
    """
    if not objects:
        return
    mapper = inspect(type(objects[0]))
    table = mapper.tables[0]
    rows = [_values(mapper, one) for one in objects]
    ids = session.scalars(
        insert(table).returning(table.c.id, sort_by_parameter_order=True), rows
    ).all()
    for one, number in zip(objects, ids, strict=True):
        set_committed_value(one, "id", number)
    for children, key, link in _owned(mapper):
        _lay_children(session, children, key, link, objects)
    _tell(session, mapper.class_, ids)


def rewrite(session: Session, objects: Sequence[Base]) -> None:
    """Write all columns of rows that are there, and their children anew.

    The objects are of one class, loaded whole, and in no session.
    """
    if not objects:
        return
    mapper = inspect(type(objects[0]))
    rows = [_values(mapper, one) for one in objects]
    amend(session, mapper.class_, rows)
    for children, key, link in _owned(mapper):
        table = children.tables[0]
        for start in range(0, len(rows), PORTION):
            ids = [row["id"] for row in rows[start : start + PORTION]]
            session.execute(delete(table).where(table.c[link].in_(ids)))
        _lay_children(session, children, key, link, objects)


def amend(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Write some columns of rows that are there; each says its `id` and the same columns."""
    if not rows:
        return
    table = inspect(model).tables[0]
    statement = update(table).where(table.c.id == bindparam("row"))
    columns = [name for name in rows[0] if name != "id"]
    session.execute(
        statement.values({name: bindparam(f"to_{name}") for name in columns}),
        [{"row": row["id"], **{f"to_{name}": row[name] for name in columns}} for row in rows],
    )
    _tell(session, model, [row["id"] for row in rows])


def _tell(session: Session, model: type[Base], ids: Iterable[int]) -> None:
    for listener in _listeners:
        listener(session, model, ids)


def _owned(mapper: Mapper[Any]) -> Iterable[tuple[Mapper[Any], str, str]]:
    """Yield whose children the rows own, under which name, by which column of the child."""
    for relation in mapper.relationships:
        if relation.direction is RelationshipDirection.ONETOMANY:
            ((_, link),) = relation.local_remote_pairs
            yield relation.mapper, relation.key, str(link.key)


def _lay_children(
    session: Session, mapper: Mapper[Any], key: str, link: str, objects: Iterable[Base]
) -> None:
    rows = [
        _without_id(_values(mapper, child)) | {link: one.__dict__["id"]}
        for one in objects
        for child in one.__dict__.get(key, ())
    ]
    if rows:
        session.execute(insert(mapper.tables[0]), rows)


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
