"""`hotline eval`: the batch hit test, on the published base or on a file's entries."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from knowledge import clock
from knowledge.evaluation.account import Account, instant
from knowledge.evaluation.cases import Case, read_cases, read_corpus
from knowledge.evaluation.history import Subject, checked_name, keep
from knowledge.evaluation.live import (
    Published,
    names_of,
    notice_of_validity,
    published,
    run_live,
)
from knowledge.evaluation.naming import Names
from knowledge.evaluation.questions import read_questions
from knowledge.evaluation.run import Run, run
from knowledge.evaluation.wording import verdicts
from knowledge.lexicon.shipped import shipped
from knowledge.people.actor import system
from knowledge.search.building import build_index
from knowledge.search.service import SearchService
from knowledge.settings import Settings, load_settings
from web.admin.report import require_kinds, write
from web.cli.context import log_beside, open_database
from web.cli.evaluations import print_comparison, print_history, table, tell_reports
from web.cli.progress import progress

FILE = click.Path(path_type=Path)
ACTOR = system("命令行")


@dataclass(frozen=True)
class Asked:
    """What the person asked for at the command line."""

    queries: Path
    out_of_scope: Path | None
    as_json: bool
    name: str | None
    reports: tuple[Path, ...]


@click.command("eval")
@click.option("--queries", type=FILE, help="问题和应命中的条目（xlsx、csv、jsonl）")
@click.option("--corpus", type=FILE, help="在这些条目（jsonl）上评测；不给就评测已发布的知识库")
@click.option("--out-of-scope", type=FILE, help="知识库答不了的问题（xlsx、csv、jsonl）")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
@click.option("--report", "reports", type=FILE, multiple=True, help="写报告（xlsx、html），可多次")
@click.option("--keep", "name", metavar="名称", help="记入评测历史时的名称")
@click.option("--history", is_flag=True, help="列出以前的评测")
@click.option("--compare", nargs=2, metavar="A B", help="比较两次评测（编号，或 last）")
def evaluate(
    queries: Path | None,
    corpus: Path | None,
    out_of_scope: Path | None,
    reports: tuple[Path, ...],
    history: bool,
    compare: tuple[str, str] | None,
    **given: Any,
) -> None:
    """用服务市民的同一套检索做批量命中测试。

    问题文件的列：问题、应命中（编号或标准问，多个用换行或；分开）、也可以；
    应命中留空，表示知识库答不了、应当说不知道。

    不给 --corpus 时评测已发布的知识库，每次都记入历史；给了就只评测那个文件里的条目，
    不碰现有的知识库，加 --keep 才记入历史。
    """
    log_beside()
    require_kinds(reports)
    checked_name(given["name"] or "")
    if history:
        print_history(given["as_json"])
    elif compare:
        print_comparison(*compare, reports=reports, as_json=given["as_json"])
    elif queries is None:
        raise click.UsageError("缺少 --queries：请指明问题文件")
    else:
        asked = Asked(queries, out_of_scope, reports=reports, **given)
        if corpus:
            _evaluate_corpus(asked, corpus)
        else:
            _evaluate_live(asked)


def _evaluate_corpus(asked: Asked, corpus: Path) -> None:
    settings = load_settings()
    base = read_corpus(corpus)
    cases = _cases_of_corpus(asked, base.titles)
    with tempfile.TemporaryDirectory(prefix="hotline-eval-") as folder:
        index = build_index(settings.model_copy(update={"home": Path(folder)}))
        if asked.as_json:
            index.rebuild(base.documents)
        else:
            with progress("编码语料") as told:
                index.rebuild(base.documents, told)
        index.use(shipped())
        if asked.as_json:
            found = run(index, base, cases)
        else:
            with progress("评测") as told:
                found = run(index, base, cases, told)
    models, name = index.model_ids, asked.name or ""
    subject = Subject(asked.queries.name, len(cases), models, None, name)
    number = _kept(settings, subject, found) if asked.name else None
    _tell(subject, found, asked, number, f"{corpus.name} 里的语料")


def _cases_of_corpus(asked: Asked, titles: dict[str, str]) -> list[Case]:
    """JSON lines are read as they always were: any length, an empty `gold` is no refusal."""
    known, names = frozenset(titles), Names(titles)
    if asked.queries.suffix.lower() in {".xlsx", ".csv"}:
        cases = list(read_questions(asked.queries, names).cases)
    else:
        cases = read_cases(asked.queries, known)
    if asked.out_of_scope is None:
        return cases
    if asked.out_of_scope.suffix.lower() in {".xlsx", ".csv"}:
        return cases + list(read_questions(asked.out_of_scope, names, outside=True).cases)
    return cases + read_cases(asked.out_of_scope, frozenset(), outside=True)


def _evaluate_live(asked: Asked) -> None:
    settings = load_settings()
    with open_database(settings) as database:
        service = SearchService(settings, database)
        service.replica.open()
        base = published(database, service.replica)
        cases, notices = _cases_of_base(asked, base)
        for notice in notices:
            click.echo(f"注意：{notice}。", err=True)
        if asked.as_json:
            found = run_live(service.replica, base, cases)
        else:
            with progress("评测") as told:
                found = run_live(service.replica, base, cases, told)
    subject = Subject(
        asked.queries.name, len(cases), base.models, base.revision, asked.name or "", notices
    )
    number = _kept(settings, subject, found)
    _tell(subject, found, asked, number, f"已发布的知识库，修订号 {base.revision}")


def _cases_of_base(asked: Asked, base: Published) -> tuple[list[Case], list[str]]:
    names = names_of(base)
    read = [read_questions(asked.queries, names)]
    if asked.out_of_scope:
        read.append(read_questions(asked.out_of_scope, names, outside=True))
    cases = [case for questions in read for case in questions.cases]
    notices = [notice for questions in read for notice in questions.notices]
    return cases, [*notices, *notice_of_validity(base, cases)]


def _kept(settings: Settings, subject: Subject, found: Run) -> int:
    with open_database(settings) as database, database.write() as session:
        return keep(session, ACTOR, subject, found).id


def _tell(subject: Subject, found: Run, asked: Asked, number: int | None, where: str) -> None:
    facts = [
        ("问题文件", subject.file_name),
        ("评测对象", where),
        ("编码器", "、".join(subject.models)),
        ("时间", instant(clock.now())),
        *(("注意", notice) for notice in subject.notices),
    ]
    title = subject.name or subject.file_name
    for path in asked.reports:
        write(path, Account(title, tuple(facts), found.metrics, found.results))
    if asked.as_json:
        click.echo(json.dumps(found.metrics, ensure_ascii=False, indent=2))
        return
    click.echo(table(found.metrics))
    for line in verdicts(found.results):
        click.echo(f"{line.name}  {line.text}")
    if number is not None:
        click.echo(f"已记入评测历史，编号 {number}。")
    tell_reports(asked.reports)
