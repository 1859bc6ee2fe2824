"""`hotline setup` prepares, `hotline run` serves until Ctrl-C."""

import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import httpx

from knowledge.errors import KnowledgeError
from knowledge.settings import Settings, load_settings
from web.serving.accounts import NewAccount
from web.serving.ports import require_free
from web.serving.prepare import prepare_base, prepare_bot
from web.serving.supervisor import Supervisor

READY_SECONDS = 180


class RunningError(KnowledgeError):
    """The same data folder is served already."""


@click.command()
def setup() -> None:
    """建立数据库、导入初始知识、训练对话模型；重复运行不会改动已有内容。"""
    settings = load_settings()
    accounts = prepare_base(settings, click.echo)
    prepare_bot(settings, click.echo)
    _print_accounts(accounts)


@click.command()
def run() -> None:
    """准备好一切并启动全部进程，按 Ctrl-C 结束。"""
    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    with _alone(settings):
        require_free(settings)
        started = time.monotonic()
        try:
            accounts = prepare_base(settings, click.echo)
            model = prepare_bot(settings, click.echo)
        except KeyboardInterrupt:
            click.echo("\n已停止。")
            return
        _serve(settings, Supervisor(settings, model, click.echo), accounts, started)


def _serve(
    settings: Settings, supervisor: Supervisor, accounts: list[NewAccount], started: float
) -> None:
    failed = False
    try:
        _print_accounts(accounts)
        click.echo("正在启动网页服务、动作服务和 Rasa …")
        ready = False
        while supervisor.running():
            supervisor.watch()
            if not ready:
                ready = _look(settings, started)
            time.sleep(0.5)
        failed = True
    except KeyboardInterrupt:
        click.echo("\n正在结束全部进程 …")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        supervisor.stop()
        click.echo("全部进程已结束。")
    if failed:
        sys.exit(1)


def _look(settings: Settings, started: float) -> bool:
    """Print the banner once everything is ready; say what is not after a long wait."""
    try:
        answer = httpx.get(f"{_address(settings)}/readyz", timeout=2, trust_env=False)
        parts = answer.json()
    except (httpx.HTTPError, ValueError):
        answer, parts = None, {}
    if answer is not None and answer.status_code == 200:
        _print_addresses(settings, time.monotonic() - started)
        return True
    waited = time.monotonic() - started
    if waited > READY_SECONDS:
        missing = "、".join(name for name, ready in parts.items() if ready is False) or "网页服务"
        click.echo(f"等了 {waited:.0f} 秒仍未就绪：{missing}。请看日志 {settings.home / 'logs'}")
        return True
    return False


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Make sure that this data folder is served once."""
    with (settings.home / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunningError(
                f"{settings.home} 已有一个正在运行的服务。请先在那个窗口按 Ctrl-C，"
                "或用 HOTLINE_HOME 换一个数据文件夹"
            ) from error
        yield


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _print_addresses(settings: Settings, seconds: float) -> None:
    address = _address(settings)
    click.echo(
        f"\n  已就绪（{seconds:.0f} 秒）\n"
        f"  市民页面    {address}/\n"
        f"  部门页面    {address}/department\n"
        f"  接口说明    {address}/api/v1/docs\n"
        f"  日志        {settings.home / 'logs'}\n"
        "  账号        首次启动时已打印；新增用 hotline user add，改密码用 hotline user password\n"
        "  按 Ctrl-C 结束\n"
    )


def _print_accounts(accounts: list[NewAccount]) -> None:
    if not accounts:
        return
    click.echo("\n  首次启动，已建立以下账号。密码只显示这一次，请记下：\n")
    for account in accounts:
        where = f"（{account.department}）" if account.department else ""
        click.echo(f"    {account.username:<10} {account.password}   {account.role}{where}")
    click.echo("")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
