"""`hotline audit verify`, `hotline audit head`."""

import sys

import click

from knowledge import clock
from knowledge.audit import heads
from knowledge.audit.heads import HeadError, Noted, Signer
from knowledge.audit.service import record
from knowledge.audit.verification import TOLD, Account, verify
from knowledge.database import Database
from knowledge.people.actor import system
from knowledge.settings import Settings, load_settings
from web.cli.context import open_database
from web.cli.progress import progress

ACTION = "audit_verified"


@click.group()
def audit() -> None:
    """检验操作记录有没有被改动，打印可以抄下来的“头”。"""


@audit.command("head")
@click.option("--quiet", is_flag=True, help="只打印头本身，便于程序保存")
def print_head(quiet: bool) -> None:
    """打印操作记录现在的头。

    请把它抄到别处（另一台机器、纸上、给上级的邮件）：以后用
    hotline audit verify --head 检验，连同数据库一起被改写也能发现。
    """
    settings = load_settings()
    with open_database(settings) as database, database.read() as session:
        row, own = heads.head(session)
        noted = Signer(settings).sign(heads.base_of(session), row, own)
    if quiet:
        click.echo(noted)
        return
    when = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M:%S")
    click.echo(f"操作记录共到第 {row} 行，{when}（北京时间）。头：\n\n  {noted}\n")
    click.echo("请抄到这台机器以外的地方。检验时：hotline audit verify --head <上面一整串>")


@audit.command("verify")
@click.option("--head", "noted", metavar="头", help="以前抄下的头，或其中 64 位的哈希值")
@click.option("--forget", is_flag=True, help="不与上次检验留下的头比较（恢复过备份以后用一次）")
def verify_all(noted: str | None, forget: bool) -> None:
    """逐行检验操作记录：改动、删除、插入、调换、截去末尾都会指出是哪一行；有错时退出码是 1。"""
    settings = load_settings()
    with open_database(settings) as database:
        known = _known(settings, database, noted, forget)
        with database.read() as session, progress("检验") as told:
            account = verify(session, known, told)
        _note(settings, database, account)
    _tell(account)
    if not account.sound:
        sys.exit(1)


def _known(settings: Settings, database: Database, noted: str | None, forget: bool) -> list[Noted]:
    with database.read() as session:
        base_id = heads.base_of(session)
    signer = Signer(settings)
    known = [signer.read(base_id, noted)] if noted else []
    left = None if forget else heads.kept(settings)
    if left is not None:
        try:
            known.append(signer.read(base_id, left))
        except HeadError as error:
            raise HeadError(
                f"数据文件夹里上次检验留下的头（{heads.FILE}）用不了：{error}。"
                "如果刚恢复过备份或换过数据库，请加 --forget"
            ) from error
    return known


def _note(settings: Settings, database: Database, account: Account) -> None:
    """Keep that it was verified, and what came out, in the log itself."""
    with database.write() as session:
        after = {"rows": account.rows, "hash": account.hash, "faults": account.count}
        record(session, system("命令行"), ACTION, "audit", after=after)
        base_id = heads.base_of(session)
    if account.sound:
        noted = Signer(settings).sign(base_id, account.last, account.hash)
        heads.keep(settings, noted)


def _tell(account: Account) -> None:
    if account.sound:
        click.echo(f"✓ {account.rows} 行操作记录完整，没有被改动。")
        click.echo(f"  最后一行的哈希值：{account.hash}")
        return
    click.echo(f"✗ 操作记录有 {account.count} 处不对：", err=True)
    for fault in account.faults:
        click.echo(f"  {fault}", err=True)
    if account.count > TOLD:
        click.echo(f"  …… 另有 {account.count - TOLD} 处", err=True)
    click.echo("请保留现场（先复制数据库文件），与备份比对，并报告上级。", err=True)
