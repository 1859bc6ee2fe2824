"""Measures the ranking that serves citizens on a file of questions."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from embeddings.index import SHOWN, Decision, Ranking, SearchIndex
from embeddings.metrics import auroc, mrr_at_k, recall_at_k
from knowledge.evaluation.calibration import reliability
from knowledge.evaluation.cases import Case

DEPTH = 10

Progress = Callable[[int, int], None]
Visible = Callable[[int], bool]


class Base(Protocol):
    """What is evaluated on: a file's entries, or those that are published."""

    @property
    def names(self) -> Mapping[int, str]:
        """The entries' names, by the index's ids."""

    @property
    def titles(self) -> Mapping[str, str]:
        """The entries' standard questions, by name."""

    @property
    def entries(self) -> int:
        """How many entries there are."""

    @property
    def phrasings(self) -> int:
        """How many phrasings lead to them."""


@dataclass(frozen=True)
class Outcome:
    """A question with what the search made of it; `took_ms` in milliseconds."""

    case: Case
    ranking: Ranking
    names: tuple[str, ...]
    took_ms: float

    @property
    def answerable(self) -> float:
        """The probability that the base answers at all."""
        return self.ranking.answerable

    def right(self, depth: int) -> bool:
        """Tell whether one of the first `depth` hits will do."""
        return any(name in self.case.lenient for name in self.names[:depth])


def outcomes(
    index: SearchIndex,
    base: Base,
    cases: Sequence[Case],
    progress: Progress | None = None,
    visible: Visible | None = None,
) -> list[Outcome]:
    """Search every question, one after the other, among the entries for which `visible` holds."""
    found = []
    for done, case in enumerate(cases, start=1):
        started = time.perf_counter()
        ranking = index.search(case.text, DEPTH, visible)
        took_ms = (time.perf_counter() - started) * 1000
        names = tuple(base.names[hit.id] for hit in ranking.hits)
        found.append(Outcome(case, ranking, names, took_ms))
        if progress is not None:
            progress(done, len(cases))
    return found


def report(
    base: Base, answered: Sequence[Outcome], refused: Sequence[Outcome] | None
) -> dict[str, Any]:
    """Return the figures of an evaluation.

    `recall_at_k` and `mrr_at_10` count `gold` alone, `lenient_at_1`, precision and
    containment also `also_ok`. `auroc` compares the probability that the base answers at all
    between questions that it answers and questions that it cannot. `calibration` looks at the
    first hit of all of them: its probability promises that it answers, whatever is asked.
    Shares of nothing are None.
    """
    ranked = [(outcome.names, outcome.case.gold) for outcome in answered]
    figures: dict[str, Any] = {
        "entries": base.entries,
        "phrasings": base.phrasings,
        "queries": len(answered),
        "recall_at_1": _round(recall_at_k(ranked, 1)) if ranked else None,
        "lenient_at_1": _share(answered, lambda outcome: outcome.right(1)),
        "recall_at_5": _round(recall_at_k(ranked, 5)) if ranked else None,
        "recall_at_10": _round(recall_at_k(ranked, 10)) if ranked else None,
        "mrr_at_10": _round(mrr_at_k(ranked, 10)) if ranked else None,
    }
    if refused:
        figures["out_of_scope"] = _out_of_scope(answered, refused)
    figures["decisions"] = _decisions(answered)
    everything = [*answered, *(refused or [])]
    times = [outcome.took_ms for outcome in everything]
    figures["latency_ms"] = {
        "p50": round(float(np.percentile(times, 50)), 1),
        "p95": round(float(np.percentile(times, 95)), 1),
    }
    figures["calibration"] = reliability(
        [(one.ranking.hits[0].score, one.right(1)) for one in everything if one.ranking.hits]
    )
    return figures


def _out_of_scope(answered: Sequence[Outcome], refused: Sequence[Outcome]) -> dict[str, Any]:
    inside = [outcome.answerable for outcome in answered]
    outside = [outcome.answerable for outcome in refused]
    return {
        "queries": len(refused),
        "auroc": _round(auroc(inside, outside)) if inside else None,
        "refused": _share(refused, _decided(Decision.NO_ANSWER)),
        "answered": _share(refused, _decided(Decision.ANSWER)),
    }


def _decisions(answered: Sequence[Outcome]) -> dict[str, Any]:
    direct = [outcome for outcome in answered if _decided(Decision.ANSWER)(outcome)]
    asked = [outcome for outcome in answered if _decided(Decision.CLARIFY)(outcome)]
    return {
        "answer": {
            "share": _share(answered, _decided(Decision.ANSWER)),
            "precision": _share(direct, lambda outcome: outcome.right(1)),
        },
        "clarify": {
            "share": _share(answered, _decided(Decision.CLARIFY)),
            "contains": _share(asked, lambda outcome: outcome.right(SHOWN)),
        },
        "no_answer": {"share": _share(answered, _decided(Decision.NO_ANSWER))},
    }


def _decided(decision: Decision) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.ranking.decision is decision


def _share(found: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float | None:
    """Return the share for which `holds`, None where there is nothing to count."""
    if not found:
        return None
    return _round(sum(map(holds, found)) / len(found))


def _round(value: float) -> float:
    return round(float(value), 4)
