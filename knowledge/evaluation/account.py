"""What a report tells, whatever its format: an evaluation's, or a comparison's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge import clock
from knowledge.evaluation.comparison import Comparison, compare
from knowledge.evaluation.history import results_of
from knowledge.evaluation.models import Evaluation
from knowledge.evaluation.result import Result
from knowledge.evaluation.wording import Change, changes


@dataclass(frozen=True)
class Account:
    """An evaluation to be reported; `facts` are names and texts of where it comes from."""

    title: str
    facts: tuple[tuple[str, str], ...]
    metrics: dict[str, Any]
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Difference:
    """Two evaluations to be reported side by side."""

    title: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Change, ...]
    comparison: Comparison


def account_of(kept: Evaluation) -> Account:
    """Return what is told of a kept evaluation.

    Raises:
        ConflictError: it is not complete.
    """
    results = results_of(kept)
    facts = [
        ("编号", str(kept.id)),
        ("问题文件", kept.file_name),
        ("评测对象", subject(kept.revision)),
        ("编码器", kept.models),
        ("评测人", kept.actor_name),
        ("时间", instant(kept.started_at)),
    ]
    facts += [("注意", notice) for notice in kept.notices]
    if kept.total > len(results):
        facts.append(("注意", f"共 {kept.total} 题，只记下了前 {len(results)} 题的逐题结果"))
    return Account(kept.name, tuple(facts), kept.metrics or {}, results)


def difference(before: Evaluation, after: Evaluation) -> Difference:
    """Return what `after` won and lost against `before`.

    Raises:
        ConflictError: one of them is not complete.
    """
    facts = [
        (
            name,
            f"{kept.name}（编号 {kept.id}，{instant(kept.started_at)}，{subject(kept.revision)}）",
        )
        for name, kept in (("之前", before), ("之后", after))
    ]
    found = compare(results_of(before), results_of(after))
    if found.altered or found.only_before or found.only_after:
        facts.append(("注意", "两次的题目或应命中不完全相同，指标的变化只供参考，得失只算相同的题"))
    return Difference(
        title=f"{before.name} → {after.name}",
        facts=tuple(facts),
        figures=tuple(changes(before.metrics or {}, after.metrics or {})),
        comparison=found,
    )


def subject(revision: int | None) -> str:
    """Return what was evaluated, in words."""
    return "文件里的语料" if revision is None else f"已发布的知识库，修订号 {revision}"


def instant(value: datetime) -> str:
    """Return an instant as people in the office read it."""
    local = clock.local(value)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}:{local.minute:02d}"
