"""The audit log: chained, only ever added to, and verified row by row."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.chain import digest, genesis
from knowledge.audit.heads import HeadError, Noted, Signer, base_of, head
from knowledge.audit.models import AuditHead, AuditRecord
from knowledge.audit.service import history, record
from knowledge.audit.verification import Account, verify, verify_newest
from knowledge.database import Database
from knowledge.database.migrate import downgrade, upgrade
from knowledge.database.schema import METADATA
from knowledge.feed.models import Change
from knowledge.people.actor import Actor, system
from knowledge.settings import Settings

CHEN = Actor(1, "陈话务员", address="10.0.0.7")


def write(database: Database, count: int = 1, action: str = "note_closed") -> None:
    with database.write() as session:
        for number in range(count):
            after = {"结果": "办好了", "次数": {10: number, 9: [1.5, None]}}
            record(session, CHEN, action, f"note:{number}", before={"a": (1, 2)}, after=after)


def checked(database: Database, *noted: Noted) -> Account:
    with database.read() as session:
        return verify(session, noted)


@contextmanager
def past_the_triggers(database: Database) -> Iterator[Connection]:
    """Be somebody with the file in hand."""
    with database.writer.begin() as connection:
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = connection.execute(query).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def tamper(database: Database, *statements: str) -> None:
    with past_the_triggers(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_each_row_vouches_for_the_one_before(database: Database) -> None:
    write(database, 3)
    write(database, 2)
    with database.read() as session:
        rows = session.scalars(select(AuditRecord).order_by(AuditRecord.id)).all()
        start = genesis(base_of(session))
        assert head(session) == (5, rows[-1].hash)
    assert [row.id for row in rows] == [1, 2, 3, 4, 5]
    assert [row.previous for row in rows] == [start, *(row.hash for row in rows[:-1])]
    assert all(digest(vars(row), row.previous) == row.hash for row in rows)
    account = checked(database)
    assert (account.sound, account.rows, account.hash) == (True, 5, rows[-1].hash)


def point_nowhere(session: Session) -> None:
    with session.begin_nested():
        record(session, CHEN, "contact_read", "note:4")
        session.add(Change(revision=1, entry_id=999, at=clock.now()))
        session.flush()


def test_what_is_rolled_back_leaves_no_trace(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            record(session, CHEN, "note_closed", "note:1")
            raise OSError("no space left")

    with pytest.raises(OSError, match="space"):
        fail()
    with database.write() as session:
        record(session, CHEN, "contact_read", "note:2")
        inner = session.begin_nested()
        record(session, CHEN, "note_closed", "note:2")
        inner.rollback()
        with session.begin_nested():
            record(session, CHEN, "contact_read", "note:3")
        with pytest.raises(IntegrityError):
            point_nowhere(session)
        assert [one.action for one in history(session, "note:2")] == ["contact_read"]
    with database.read() as session:
        assert [row.subject for row in session.scalars(select(AuditRecord))] == ["note:2", "note:3"]
    assert checked(database).sound


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor_name = '别人'",
        "DELETE FROM audit_log WHERE id = 2",
        "INSERT OR REPLACE INTO audit_log SELECT id, at, actor_id, '别人', address, action, "
        "subject, before, after, previous, hash FROM audit_log WHERE id = 2",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(database: Database, statement: str) -> None:
    write(database, 3)
    with pytest.raises(IntegrityError, match="append-only"), database.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    assert checked(database).rows == 3


TAMPERED = [
    ("UPDATE audit_log SET actor_name = '别人' WHERE id = 4", "第 4 行的内容被改动过"),
    ("UPDATE audit_log SET after = '{}' WHERE id = 1", "第 1 行的内容被改动过"),
    ("UPDATE audit_log SET at = '2020-01-01 00:00:00' WHERE id = 9", "第 9 行的内容被改动过"),
    ("DELETE FROM audit_log WHERE id = 5", "第 5 行不见了"),
    ("DELETE FROM audit_log WHERE id IN (1, 2)", "第 1 到 2 行不见了"),
    ("DELETE FROM audit_log WHERE id >= 8", "末尾缺了第 8 到 9 行"),
    ("DELETE FROM audit_log", "末尾缺了第 1 到 9 行"),
    (
        "INSERT INTO audit_log SELECT 10, at, actor_id, actor_name, address, action, subject, "
        "before, after, previous, hash FROM audit_log WHERE id = 3",
        "第 10 行接不上前一行",
    ),
    ("UPDATE audit_head SET hash = previous FROM audit_log WHERE audit_log.id = 9", "链头"),
]


@pytest.mark.parametrize(("statement", "told"), TAMPERED)
def test_whatever_was_tampered_with_is_named(database: Database, statement: str, told: str) -> None:
    write(database, 9)
    tamper(database, statement)
    account = checked(database)
    assert not account.sound
    assert any(told in fault for fault in account.faults), account.faults


def test_rows_that_changed_places_are_both_named(database: Database) -> None:
    write(database, 6)
    swap = "UPDATE audit_log SET id = {} WHERE id = {}"
    tamper(database, swap.format(99, 3), swap.format(3, 4), swap.format(4, 99))
    told = "；".join(checked(database).faults)
    assert "第 3 行的内容被改动过" in told
    assert "第 4 行的内容被改动过" in told
    assert "第 3 行接不上前一行" in told


def rewrite(database: Database, keep: int) -> None:
    """Cut the log after row `keep`, change row 2, and chain everything anew, head and all."""
    with database.read() as session:
        previous = genesis(base_of(session))
    log, top = METADATA.tables["audit_log"], METADATA.tables["audit_head"]
    with past_the_triggers(database) as connection:
        connection.execute(log.delete().where(log.c.id > keep))
        connection.execute(log.update().where(log.c.id == 2).values(actor_name=f"别人{keep}"))
        for row in connection.execute(log.select().order_by(log.c.id)).mappings().all():
            own = digest(dict(row), previous)
            values = {"previous": previous, "hash": own}
            connection.execute(log.update().where(log.c.id == row["id"]).values(values))
            previous = own
        connection.execute(top.update().values(last=keep, hash=previous))


def test_who_rewrites_everything_is_found_by_a_head_noted_elsewhere(
    database: Database, tmp_path: Path
) -> None:
    write(database, 5)
    signer = Signer(Settings(home=tmp_path))
    with database.read() as session:
        base, (row, own) = base_of(session), head(session)
    noted = signer.sign(base, row, own)
    write(database, 3)
    for text_noted in (noted, f" {noted.upper()}\n", own):
        assert checked(database, signer.read(base, text_noted)).sound

    rewrite(database, 7)
    assert checked(database).sound
    assert "第 5 行与记下时不同" in checked(database, signer.read(base, noted)).faults[0]
    assert "没有记下的那一行" in checked(database, signer.read(base, own)).faults[0]
    rewrite(database, 3)
    assert "记下时有 5 行，现在只到第 3 行" in checked(database, signer.read(base, noted)).faults[0]


def test_a_head_that_is_not_ours_is_refused(database: Database, tmp_path: Path) -> None:
    write(database)
    with database.read() as session:
        base, (row, own) = base_of(session), head(session)
    noted = Signer(Settings(home=tmp_path / "a")).sign(base, row, own)
    for signer, foreign in ((Signer(Settings(home=tmp_path / "b")), base),
                            (Signer(Settings(home=tmp_path / "a")), "another")):  # fmt: skip
        with pytest.raises(HeadError, match="不是这个系统"):
            signer.read(foreign, noted)
    for bad in ("", "7", own[:-1], noted[:-1], f"{noted}0", "字" * 64):
        with pytest.raises(HeadError, match="不完整"):
            Signer(Settings(home=tmp_path / "a")).read(base, bad)


def test_writers_in_several_threads_make_one_chain(database: Database) -> None:
    def write_on() -> None:
        for _ in range(10):
            write(database, 3)

    threads = [threading.Thread(target=write_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account = checked(database)
    assert (account.sound, account.rows) == (True, 120)


def test_the_newest_rows_are_checked_in_a_moment(database: Database) -> None:
    with database.read() as session:
        assert verify_newest(session).sound
    write(database, 9)
    with database.read() as session:
        account = verify_newest(session, 4)
    assert (account.sound, account.rows) == (True, 4)
    tamper(database, "UPDATE audit_log SET action = 'x' WHERE id IN (2, 8)")
    with database.read() as session:
        assert verify_newest(session, 4).faults == ["第 8 行的内容被改动过"]
        assert verify_newest(session, 100).count == 2


def test_rows_from_before_the_chain_are_chained_by_the_upgrade(database: Database) -> None:
    downgrade(database, "0003")
    with database.writer.begin() as connection:
        for number in (1, 2, 5):  # a gap, as PostgreSQL's numbers have after a rollback
            connection.execute(
                text(
                    "INSERT INTO audit_log (id, at, actor_name, address, action, subject, after) "
                    "VALUES (:id, '2026-03-01 01:02:03.000004', '王', '', 'x', 's', :after)"
                ),
                {"id": number, "after": '{"答案": "甲\\u4e59"}'},
            )
    upgrade(database)
    assert checked(database).sound
    write(database)
    account = checked(database)
    assert (account.sound, account.rows, account.last) == (True, 4, 6)
    downgrade(database, "0003")
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM audit_log")) == 4
    upgrade(database)
    assert checked(database).sound
    with pytest.raises(IntegrityError, match="append-only"), database.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit_log")


def test_times_follow_the_order_of_the_rows(database: Database) -> None:
    before = clock.now()
    with database.write() as session:
        record(session, system(), "x", "y")
    with database.read() as session:
        at = session.scalars(select(AuditRecord.at)).one()
        assert before <= at <= clock.now()
        assert session.scalar(select(func.count()).select_from(AuditHead)) == 1
