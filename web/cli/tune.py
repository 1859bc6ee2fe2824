"""`hotline tune`: tunes the encoder on the base's own phrasings."""

from typing import Any

import click

from knowledge.search import encoders
from knowledge.settings import load_settings
from knowledge.tuning.service import Tuning, tune
from knowledge.tuning.store import TunedModelError, TunedModels
from web.cli.context import log_beside, open_database
from web.cli.progress import progress

BUNDLED = "自带的编码器"
ROWS = (
    ("recall_at_1", "留出的问法，第一条就对"),
    ("recall_at_5", "留出的问法，前五条里有对的"),
    ("auroc", "与无关问题的区分（AUROC）"),
    ("refused", "答得出 95% 时，拒掉的无关问题"),
)


@click.command("tune")
@click.option(
    "--minutes",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.5, 240),
    help="训练最多几分钟",
)
@click.option("--status", is_flag=True, help="现在用的是哪个编码器")
@click.option("--undo", is_flag=True, help="退回微调以前的编码器")
def tune_command(minutes: float, status: bool, undo: bool) -> None:
    """用已发布条目的问法微调自带的编码器：更好才采用，否则一切照旧。

    训练前留出一部分问法，用它们比较新旧编码器；找得更准、拒答不变差，才采用新的。
    正在运行的进程会在后台换用，换好以前旧索引照常服务。按 Ctrl-C 随时中止，不留影响。
    """
    log_beside()
    if status and undo:
        raise click.UsageError("--status 和 --undo 只能用一个")
    if status:
        _status()
    elif undo:
        _undo()
    else:
        _tune(minutes)


def _tune(minutes: float) -> None:
    settings = load_settings()
    with open_database(settings) as database, progress("训练") as told:
        found = tune(settings, database, minutes, lambda text: click.echo(f"{text} …"), told)
    _tell(found)


def _tell(found: Tuning) -> None:
    before, after = vars(found.before), vars(found.after)
    click.echo(f"\n留出 {found.held} 条问法：")
    _table(before, after)
    if found.model:
        click.echo(f"\n新的更好，已采用（编号 {found.model}）。退回：hotline tune --undo")
    else:
        click.echo("\n没有全面变好，不采用，仍用原来的编码器。")


def _table(before: dict[str, Any], after: dict[str, Any]) -> None:
    click.echo(f"  {'以前':>8}  {'以后':>8}")
    for name, told in ROWS:
        click.echo(f"  {before[name]:8.1%}  {after[name]:8.1%}  {told}")


def _status() -> None:
    settings = load_settings()
    models = TunedModels(settings.home)
    model = encoders.wanted(settings)
    if not model:
        other = f"HOTLINE_ENCODER 指定的 {settings.encoder}"
        click.echo(f"现在用的是{BUNDLED if settings.encoder == encoders.TUNABLE else other}。")
        return
    found = models.manifest(model)
    click.echo(
        f"现在用的是微调过的编码器 {model}（{found['date'][:16]}，修订号 {found['revision']}）。"
    )
    click.echo(f"当时留出 {found['held']} 条问法：")
    _table(found["before"], found["after"])
    try:
        models.weights(model)
    except TunedModelError as error:
        click.echo(f"✗ {error}；服务时改用{BUNDLED}。", err=True)
        raise SystemExit(1) from error


def _undo() -> None:
    models = TunedModels(load_settings().home)
    with models.locked():
        former = models.undo()
    click.echo(
        f"已退回{f'微调过的编码器 {former}' if former else BUNDLED}，运行中的进程会自己换用。"
    )
