"""Whether probabilities mean what they say, as it is reported and kept."""

from collections.abc import Sequence
from typing import Any

from embeddings.metrics import Bin
from embeddings.metrics import reliability as judged_reliability


def reliability(told: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Return the expected calibration error and its bins of equal width.

    Args:
        told: for each question the first hit's probability (0 to 1), and whether it was right.

    Returns:
        `ece`: None where there is nothing to count; `bins`: `from`, `to`, `count`,
        `probability` (mean), `right` (share), the latter two None in an empty bin.
    """
    bins, error = judged_reliability([(chance, right, 1.0) for chance, right in told])
    return {"ece": round(error, 4) if told else None, "bins": list(map(_told, bins))}


def _told(one: Bin) -> dict[str, Any]:
    return {
        "from": one.begin,
        "to": one.end,
        "count": one.count,
        "probability": round(one.chance, 4) if one.count else None,
        "right": round(one.right, 4) if one.count else None,
    }
