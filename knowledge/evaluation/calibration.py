"""Whether probabilities mean what they say (Guo et al., 2017: expected calibration error)."""

from collections.abc import Sequence
from typing import Any

BINS = 10


def reliability(told: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Return the expected calibration error and its bins of equal width.

    Args:
        told: for each question the first hit's probability (0 to 1), and whether it was right.

    Returns:
        `ece`: mean distance between probability and share of right ones, weighted by the
        bins' counts, None where there is nothing to count; `bins`: `from`, `to`, `count`,
        `probability` (mean), `right` (share), the latter two None in an empty bin.
    """
    bins = [_bin(number, told) for number in range(BINS)]
    filled = [one for one in bins if one["count"]]
    gap = sum(one["count"] * abs(one["probability"] - one["right"]) for one in filled)
    return {
        "ece": round(gap / len(told), 4) if told else None,
        "bins": [
            one | {name: _rounded(one[name]) for name in ("probability", "right")} for one in bins
        ],
    }


def _bin(number: int, told: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    inside = [pair for pair in told if min(int(pair[0] * BINS), BINS - 1) == number]
    count = len(inside)
    return {
        "from": round(number / BINS, 2),
        "to": round((number + 1) / BINS, 2),
        "count": count,
        "probability": sum(chance for chance, _ in inside) / count if count else None,
        "right": sum(right for _, right in inside) / count if count else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
