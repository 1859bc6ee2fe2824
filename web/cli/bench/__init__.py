"""`hotline bench`: encoding, search at each size, publishing, turns, start-up; and comparisons."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from knowledge.errors import KnowledgeError
from knowledge.settings import load_settings

SIZES = "1000,20000"
SMALLEST, LARGEST = 100, 2_000_000
FILE = click.Path(path_type=Path)
Say = Callable[[str], None]


def sizes_of(text: str) -> list[int]:
    """Read “1000,20000”.

    Raises:
        click.BadParameter: not numbers, or beyond what is measured.
    """
    try:
        sizes = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise click.BadParameter(f"“{text}”不是用逗号隔开的整数，如 1000,20000") from error
    if not sizes or not all(SMALLEST <= size <= LARGEST for size in sizes):
        raise click.BadParameter(f"每个规模应在 {SMALLEST} 到 {LARGEST:,} 条问法之间")
    return sizes


@click.command()
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
@click.option("--quick", is_flag=True, help="只测 1,000 条问法（更大的规模首次编码要几分钟）")
@click.option("--sizes", default=SIZES, show_default=True, help="问法条数，逗号隔开")
@click.option("--only-index", is_flag=True, help="不启动整套系统，只测检索")
@click.option("--trial", type=click.IntRange(SMALLEST, 100_000), help="只测发布前试问这么多题")
@click.option(
    "--pages",
    type=click.IntRange(100, 100_000),
    is_flag=False,
    flag_value=20_000,
    help="只测工作人员页面：这么多条目（不写就是 2 万），每页的时间是 /healthz 的几倍",
)
@click.option("--against", is_flag=True, help="同样的问题，与单独的向量检索、BM25、FTS5 对比")
@click.option("--corpus", type=FILE, help="--against 用的条目（JSONL）")
@click.option("--queries", type=FILE, help="--against 用的问题和应得的条目（JSONL）")
@click.option("--out-of-scope", type=FILE, help="--against 用的、知识库答不了的问题（JSONL）")
def bench(
    as_json: bool,
    quick: bool,
    sizes: str,
    only_index: bool,
    trial: int | None,
    pages: int | None,
    against: bool,
    **files: Path | None,
) -> None:
    """测速：编码、检索、发布到可查、对话、启动、内存；用临时的数据，不碰现有知识库。"""
    say: Say = (lambda _: None) if as_json else click.echo
    if pages is not None:
        _pages(pages, as_json, say)
        return
    if against:
        compared = _against(**files)
        text = json.dumps(compared, ensure_ascii=False, indent=2) if as_json else _table(compared)
        click.echo(text)
        return
    if trial is not None:
        click.echo(json.dumps(_trial(trial, say), ensure_ascii=False, indent=2))
        return
    figures = _sizes(sizes_of("1000" if quick else sizes), say)
    if not only_index:
        from web.cli.bench.system import system

        say("启动整套系统 …")
        figures |= system()
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2))


def _trial(size: int, say: Say) -> dict[str, Any]:
    from knowledge.benchmarks.trying import measure
    from web.cli.bench.texts import REAL, phrasings

    return measure(load_settings(), phrasings(REAL), size, say)


def _pages(entries: int, as_json: bool, say: Say) -> None:
    """Print the pages' times; a median page above ten times the health page is a failure."""
    from knowledge.logs import configure
    from web.cli.bench.pages import MOST, measure, table

    configure("WARNING")
    found = measure(entries, say=say)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else table(found))
    if found["median_ratio"] > MOST:
        raise SystemExit(1)


def _sizes(sizes: list[int], say: Say) -> dict[str, Any]:
    from knowledge.benchmarks.sizes import Measured, measure
    from web.cli.bench.texts import REAL, phrasings, questions

    with_ = Measured(phrasings(REAL), questions())
    settings = load_settings()
    return {f"index_{size}": measure(settings, size, with_, say) for size in sizes}


def _against(
    corpus: Path | None, queries: Path | None, out_of_scope: Path | None
) -> dict[str, dict[str, Any]]:
    from knowledge.benchmarks.against import compare
    from knowledge.evaluation.cases import read_cases, read_corpus

    if corpus is None or queries is None:
        raise click.UsageError("--against 需要 --corpus 和 --queries 两个文件")
    base = read_corpus(corpus)
    cases = read_cases(queries, frozenset(base.names.values()))
    outside = read_cases(out_of_scope, frozenset()) if out_of_scope else []
    try:
        return compare(load_settings(), base, cases, outside)
    except ModuleNotFoundError as error:
        raise KnowledgeError(
            f"对比需要 {error.name}，请运行 .venv/bin/pip install -r requirements.lock"
        ) from error


def _table(figures: dict[str, dict[str, Any]]) -> str:
    columns = ("recall_at_1", "lenient_at_1", "recall_at_5", "mrr_at_10", "auroc")
    lines = [f"{'':<28}" + "".join(f"{name:>14}" for name in (*columns, "p50 ms", "p95 ms"))]
    for name, found in figures.items():
        values = [found[column] for column in columns] + list(found["latency_ms"].values())
        lines.append(f"{name:<28}" + "".join(f"{value!s:>14}" for value in values))
    return "\n".join(lines)
