"""Walks the chain of the audit log and names each row that does not fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.audit.chain import digest, genesis
from knowledge.audit.heads import Noted, base_of, head
from knowledge.audit.models import AuditRecord

PORTION = 2000
TOLD = 20  # faults that are told one by one
QUICK = 1000

Progress = Callable[[int, int], None]


@dataclass
class Account:
    """What a verification found; `last` and `hash` are those of the last row that was read."""

    rows: int = 0
    last: int = 0
    hash: str = ""
    faults: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def sound(self) -> bool:
        """Tell whether nothing was wrong."""
        return self.count == 0

    def wrong(self, told: str) -> None:
        """Add a fault."""
        self.count += 1
        if len(self.faults) < TOLD:
            self.faults.append(told)


def verify(
    session: Session, noted: Sequence[Noted] = (), progress: Progress | None = None
) -> Account:
    """Check every row, the head, and heads noted earlier; memory does not grow with the log.

    A row's own hash tells whether it was changed, the hash of the row before whether rows
    were removed, inserted or put in another order, the head whether the end is missing. Who
    can write everything, head included, is found out only by a head noted elsewhere.
    """
    _hold_still(session)
    account = Account(hash=genesis(base_of(session)))
    start = account.hash
    last, newest = head(session)
    missing = [one for one in noted if (one.row, one.hash) != (0, start)]
    for row in _rows(session, 0):
        sound = _judge(account, row)
        if sound and missing:
            missing = [one for one in missing if not _is(one, row)]
        if progress is not None and account.rows % PORTION == 0:
            progress(account.rows, max(last, account.rows))
    if progress is not None:
        progress(account.rows, max(account.rows, 1))
    _compare_end(account, last, newest)
    for one in missing:
        account.wrong(_lost(account, one))
    return account


def verify_newest(session: Session, count: int = QUICK) -> Account:
    """Check the newest `count` rows and the head, in a moment."""
    _hold_still(session)
    first = session.scalar(
        select(func.min(AuditRecord.id)).where(
            AuditRecord.id.in_(select(AuditRecord.id).order_by(AuditRecord.id.desc()).limit(count))
        )
    )
    before = session.execute(
        select(AuditRecord.id, AuditRecord.hash)
        .where(AuditRecord.id < (first or 0))
        .order_by(AuditRecord.id.desc())
        .limit(1)
    ).first()
    account = Account(
        last=before.id if before else 0, hash=before.hash if before else _start(session)
    )
    last, newest = head(session)
    for row in _rows(session, account.last):
        _judge(account, row)
    _compare_end(account, last, newest)
    return account


def _judge(account: Account, row: dict[str, Any]) -> bool:
    """Check a row and go on to it; tell whether it says what it said when it was written."""
    if row["previous"] != account.hash:
        account.wrong(_gap(account, row["id"]))
    sound: bool = digest(row, row["previous"]) == row["hash"]
    if not sound:
        account.wrong(f"第 {row['id']} 行的内容被改动过")
    account.rows, account.last, account.hash = account.rows + 1, row["id"], row["hash"]
    return sound


def _is(noted: Noted, row: dict[str, Any]) -> bool:
    number: int = row["id"]
    own: str = row["hash"]
    return own == noted.hash and (noted.row is None or noted.row == number)


def _gap(account: Account, number: int) -> str:
    missing = range(account.last + 1, number)
    if len(missing) == 1:
        return f"第 {missing[0]} 行不见了（第 {number} 行接不上前一行）"
    if missing:
        return f"第 {missing[0]} 到 {missing[-1]} 行不见了（第 {number} 行接不上前一行）"
    return f"第 {number} 行接不上前一行：这里有一行是插入的、被替换或调换过位置"


def _compare_end(account: Account, last: int, newest: str) -> None:
    if account.last < last:
        account.wrong(f"末尾缺了第 {account.last + 1} 到 {last} 行")
    elif account.last > last:
        account.wrong(f"第 {last + 1} 到 {account.last} 行是绕过本系统加在末尾的")
    elif account.hash != newest:
        account.wrong(f"链头与最后一行（第 {last} 行）不一致")


def _lost(account: Account, noted: Noted) -> str:
    if noted.row is None:
        return (
            f"记录里没有记下的那一行（哈希值 {noted.hash[:12]}…）："
            "它或它之前的行被改写过，或末尾被删去"
        )
    if noted.row > account.last:
        return f"记下时有 {noted.row} 行，现在只到第 {account.last} 行：末尾被删去"
    return f"第 {noted.row} 行与记下时不同：这一行或它之前的行被改写过"


def _rows(session: Session, after: int) -> Iterator[dict[str, Any]]:
    table = AuditRecord.__table__
    query = select(*table.columns).where(table.c.id > after).order_by(table.c.id)
    found = session.execute(query.execution_options(yield_per=PORTION))
    return map(dict, found.mappings())


def _start(session: Session) -> str:
    return genesis(base_of(session))


def _hold_still(session: Session) -> None:
    """Let PostgreSQL show one instant throughout, as SQLite does anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
