"""`hotline search`, `hotline reindex`, `hotline seed`."""

import json as json_format

import click

from embeddings.index import Rehearsal
from knowledge.audit.service import record
from knowledge.entries.listing import rebuild
from knowledge.people.actor import system
from knowledge.search.service import SearchService
from knowledge.settings import load_settings
from web.cli.context import log_beside, open_database
from web.cli.progress import progress

DECISIONS = {"answer": "直接回答", "clarify": "反问", "no_answer": "不知道"}


@click.command()
@click.argument("question")
@click.option("--limit", default=5, type=click.IntRange(1, 20), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def search(question: str, limit: int, as_json: bool) -> None:
    """在知识库里检索 QUESTION，看到的与市民相同。"""
    log_beside()
    settings = load_settings()
    with open_database(settings) as database:
        service = SearchService(settings, database)
        service.replica.open()
        result = service.search(question, limit)
    if as_json:
        hits = [vars(hit) for hit in result.hits]
        answer = {"query": question, "decision": result.decision.value, "results": hits}
        click.echo(json_format.dumps(answer | {"took_ms": result.took_ms}, ensure_ascii=False))
        return
    click.echo(f"决定：{DECISIONS[result.decision.value]}（{result.took_ms:.1f} 毫秒）")
    for hit in result.hits:
        click.echo(f"  {hit.score:6.1%}  {hit.question}  ← {hit.matched_phrasing}  [{hit.code}]")


@click.command()
def reindex() -> None:
    """由数据库重建检索索引和条目列表；正在运行的进程不受影响，下次启动时用新索引。"""
    settings = load_settings()
    with open_database(settings) as database:
        service = SearchService(settings, database)
        with progress("编码") as report:
            service.replica.rebuild(report)
        with database.write() as session:
            rebuild(session)
            after = {"entries": service.replica.index.documents}
            record(session, system("命令行"), "index_rebuilt", "index", after=after)
    index = service.replica.index
    click.echo(f"已重建：{index.documents} 条目，{index.phrasings} 条问法。")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def calibrate(as_json: bool) -> None:
    """让知识库检验自己：留出问法看能否找回，拿走条目看会不会拒答，据此定概率和门槛。

    承诺由 HOTLINE_ANSWER_PRECISION 和 HOTLINE_CLARIFY_CONTAINS 给出。正在运行的进程
    不受影响，下次启动时用新的门槛。
    """
    log_beside()
    settings = load_settings()
    with open_database(settings) as database:
        service = SearchService(settings, database)
        service.replica.open()
        found = service.replica.calibrate()
        if not found.calibration.problem:
            after = found.calibration.as_dict()
            with database.write() as session:
                record(session, system("命令行"), "thresholds_set", "index", after=after)
    if as_json:
        bins = [vars(one) for one in found.bins]
        answer = found.calibration.as_dict() | {"ece": found.error, "bins": bins}
        click.echo(json_format.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _tell(found)
    if found.calibration.problem:
        raise SystemExit(1)


def _tell(found: Rehearsal) -> None:
    fitted = found.calibration
    if fitted.problem:
        click.echo(f"没有校准，沿用自带的门槛。{fitted.problem}。", err=True)
        return
    click.echo(f"检验了 {fitted.trials} 个问题。")
    click.echo(f"第一条的概率达到 {fitted.answer_from:.1%} 时直接回答；")
    click.echo(f"备选含有正确条目的概率达到 {fitted.clarify_from:.1%} 时反问；再低就说不知道。")
    click.echo("\n  概率（平均）   实际对的   占全部问题")
    for one in filter(lambda one: one.count, found.bins):
        click.echo(f"  {one.chance:11.1%}   {one.right:8.1%}   {one.share:10.1%}")
    click.echo(f"\n平均误差（ECE）：{found.error:.1%}")


@click.command()
def seed() -> None:
    """导入（或补齐）初始知识；部门改过、下架过的条目不会被覆盖。"""
    from knowledge.seed.loader import load

    with open_database() as database:
        report = load(database, system("初始知识"))
    click.echo(
        f"新增 {report.added} 条，未变 {report.unchanged} 条，"
        f"部门改过或下架过而保留原样的 {report.kept} 条。"
    )
