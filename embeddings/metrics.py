"""Measures of ranking and of refusing (Manning, Raghavan, Schütze: IIR, chapter 8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10

Ranked = Sequence[tuple[Sequence[str], Collection[str]]]


def recall_at_k(ranked: Ranked, k: int) -> float:
    """Return the share of queries with a right name among the first `k`.

    Args:
        ranked: for each query the names found, best first, and the right ones.
    """
    if not ranked:
        return 0.0
    return sum(any(name in gold for name in names[:k]) for names, gold in ranked) / len(ranked)


def mrr_at_k(ranked: Ranked, k: int) -> float:
    """Return the mean of 1 / rank of the first right name, 0 where none is among the first `k`."""
    if not ranked:
        return 0.0
    total = 0.0
    for names, gold in ranked:
        ranks = [rank for rank, name in enumerate(names[:k], start=1) if name in gold]
        total += 1 / ranks[0] if ranks else 0.0
    return total / len(ranked)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive scores above a negative; ties count one half.

    This is the Mann-Whitney U statistic over the number of pairs.
    """
    if not len(positive) or not len(negative):
        return float("nan")
    low = np.sort(np.asarray(negative, dtype=float))
    high = np.asarray(positive, dtype=float)
    below = np.searchsorted(low, high, side="left")
    up_to = np.searchsorted(low, high, side="right")
    return float((below + up_to).mean() / 2 / len(low))


@dataclass(frozen=True)
class Bin:
    """Judged probabilities from `begin` to `end`: how many, their share of the weight, their
    mean `chance`, and the share `right`; the latter two are 0 where there are none.
    """

    begin: float
    end: float
    count: int
    share: float
    chance: float
    right: float


def reliability(judged: Sequence[tuple[float, bool, float]]) -> tuple[list[Bin], float]:
    """Return how probability and truth agree, and the expected calibration error.

    Naeini, Cooper and Hauskrecht (2015): the distance between mean probability and share of
    right ones, weighted over ten bins of equal width.

    Args:
        judged: probability (0 to 1), whether it was right, weight.
    """
    total = sum(weight for _, _, weight in judged) or 1.0
    bins = []
    for at in range(BINS):
        inside = [one for one in judged if min(int(one[0] * BINS), BINS - 1) == at]
        weight = sum(one[2] for one in inside)
        chance = sum(one[0] * one[2] for one in inside) / weight if weight else 0.0
        right = sum(one[1] * one[2] for one in inside) / weight if weight else 0.0
        bins.append(Bin(at / BINS, (at + 1) / BINS, len(inside), weight / total, chance, right))
    return bins, sum(one.share * abs(one.chance - one.right) for one in bins)
