"""`hotline eval`: figures of the ranking on a file of questions."""

import json
import tempfile
from pathlib import Path
from typing import Any

import click

from knowledge.evaluation.cases import read_cases, read_corpus
from knowledge.evaluation.service import outcomes, report
from knowledge.lexicon.shipped import shipped
from knowledge.search.service import build_index
from knowledge.settings import load_settings
from web.cli.progress import progress

FILE = click.Path(path_type=Path)


@click.command("eval")
@click.option("--corpus", required=True, type=FILE, help="条目（JSONL）")
@click.option("--queries", required=True, type=FILE, help="问题和应得的条目（JSONL）")
@click.option("--out-of-scope", type=FILE, help="知识库答不了的问题（JSONL）")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
def evaluate(corpus: Path, queries: Path, out_of_scope: Path | None, as_json: bool) -> None:
    """用服务市民的同一套检索，在评测文件上打分；用自带的同义词，不碰现有的知识库。"""
    settings = load_settings()
    base = read_corpus(corpus)
    cases = read_cases(queries, frozenset(base.names.values()))
    outside = read_cases(out_of_scope, frozenset()) if out_of_scope else None
    with tempfile.TemporaryDirectory(prefix="hotline-eval-") as folder:
        index = build_index(settings.model_copy(update={"home": Path(folder)}))
        if as_json:
            index.rebuild(base.documents)
        else:
            with progress("编码语料") as told:
                index.rebuild(base.documents, told)
        index.use(shipped())
        index.search("您好")
        answered = outcomes(index, base, cases)
        refused = outcomes(index, base, outside) if outside else None
    figures = report(base, answered, refused)
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else _table(figures))


def _table(figures: dict[str, Any]) -> str:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{name}.{inner:<22} {text}" for inner, text in value.items()]
        else:
            lines.append(f"{name:<30} {value}")
    return "\n".join(lines)
