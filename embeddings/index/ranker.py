"""From features to probabilities: a conditional logit over candidates, times P(answerable).

P(entry i answers) = P(the base answers at all) · exp(s_i) / Σ_j exp(s_j), with
s = weights · standardised features (McFadden 1974), and P(the base answers at all) a
logistic regression on what the best candidates look like. Both were fitted by
`python -m embeddings.training`; the numbers lie in `ranker.json`.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DATA = Path(__file__).with_name("ranker.json")


@dataclass(frozen=True)
class Ranker:
    """The fitted numbers for one set of features."""

    names: tuple[str, ...]
    mean: Floats
    spread: Floats
    weights: Floats
    answerable_mean: Floats
    answerable_spread: Floats
    answerable_weights: Floats
    answerable_bias: float

    def scores(self, features: Floats) -> Floats:
        """Return s for each candidate; `features` is (candidates, features)."""
        scores: Floats = ((features - self.mean) / self.spread) @ self.weights
        return scores

    def shares(self, scores: Floats) -> Floats:
        """Return P(i answers | one of them does), summing to 1."""
        raised = np.exp(scores - scores.max())
        shares: Floats = raised / raised.sum()
        return shares

    def answerable(self, features: Floats, scores: Floats) -> float:
        """Return the logit of P(the base answers at all)."""
        seen = (summary(features, scores) - self.answerable_mean) / self.answerable_spread
        return float(seen @ self.answerable_weights + self.answerable_bias)


def summary(features: Floats, scores: Floats) -> Floats:
    """Return what the candidates look like together: the best one's features and margins."""
    best = int(scores.argmax())
    ordered = np.sort(scores)[::-1]
    gap = ordered[0] - ordered[1] if len(ordered) > 1 else 2.0
    total = float(np.log(np.exp(scores - ordered[0]).sum()) + ordered[0])
    return np.concatenate([features[best], [ordered[0], total, gap]])


@lru_cache(maxsize=4)
def load(encoders: int) -> Ranker:
    """Return the shipped numbers for so many encoders."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))[f"encoders_{encoders}"]
    arrays: dict[str, Any] = {
        name: np.array(value, dtype=float) if isinstance(value, list) else value
        for name, value in data.items()
        if name != "names"
    }
    return Ranker(names=tuple(data["names"]), **arrays)
