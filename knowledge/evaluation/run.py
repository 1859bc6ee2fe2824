"""An evaluation from beginning to end: its figures, and what became of each question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from embeddings.index import SearchIndex
from knowledge.evaluation.cases import Case
from knowledge.evaluation.result import Result, result_of
from knowledge.evaluation.service import Base, Progress, Visible, outcomes, report


@dataclass(frozen=True)
class Run:
    """The figures, and the questions in the order in which they were asked."""

    metrics: dict[str, Any]
    results: tuple[Result, ...]


def run(
    index: SearchIndex,
    base: Base,
    cases: Sequence[Case],
    progress: Progress | None = None,
    visible: Visible | None = None,
) -> Run:
    """Ask every question; those marked as outside count as out of scope."""
    index.search("您好")  # the first search loads dictionaries: it would count as slow
    found = outcomes(index, base, cases, progress, visible)
    asked = [outcome for outcome in found if not outcome.case.outside]
    outside = [outcome for outcome in found if outcome.case.outside]
    metrics = report(base, asked, outside or None)
    return Run(metrics, tuple(result_of(outcome, base) for outcome in found))
