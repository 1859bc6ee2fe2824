"""Results and files of questions that the stories of evaluations begin with."""

from typing import Any

from embeddings.index import Decision
from knowledge.evaluation.result import Named, Result, Verdict
from knowledge.evaluation.run import Run

TITLES = {
    "card": "怎么办老年证？",
    "bus": "老人坐公交要钱吗；怎么免费？",
    "fire": "发生火灾打什么电话？",
}
GOLD = "应命中（编号或标准问，多个用换行或；分开）"

METRICS: dict[str, Any] = {
    "entries": 3, "phrasings": 5, "queries": 2, "recall_at_1": 0.5, "lenient_at_1": 0.5,
    "recall_at_5": 1.0, "recall_at_10": 1.0, "mrr_at_10": 0.75,
    "decisions": {
        "answer": {"share": 0.5, "precision": 1.0},
        "clarify": {"share": 0.5, "contains": 1.0},
        "no_answer": {"share": 0.0},
    },
    "latency_ms": {"p50": 10.0, "p95": 20.0},
    "calibration": {
        "ece": 0.1,
        "bins": [{"from": 0.9, "to": 1.0, "count": 2, "probability": 0.95, "right": 0.85}],
    },
}  # fmt: skip

DECIDED = {
    Verdict.HIT: Decision.ANSWER, Verdict.WRONG: Decision.ANSWER,
    Verdict.MISTAKEN: Decision.ANSWER, Verdict.LISTED: Decision.CLARIFY,
    Verdict.MISSED: Decision.NO_ANSWER, Verdict.REFUSED: Decision.NO_ANSWER,
}  # fmt: skip


def result(text: str, verdict: Verdict, expected: str = "card", row: int = 2) -> Result:
    """Return what became of a question; `expected` counts where the base can answer."""
    inside = verdict not in {Verdict.REFUSED, Verdict.MISTAKEN}
    gold = (Named(expected, TITLES[expected]),) if inside else ()
    rank = 1 if verdict is Verdict.HIT else None
    first = Named("fire", TITLES["fire"])
    return Result(row, text, gold, (), first, 0.91, rank, DECIDED[verdict], verdict)


def finished(*results: Result) -> Run:
    """Return an evaluation that came to these results."""
    return Run(METRICS, results)
