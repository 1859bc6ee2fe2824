"""From features to probabilities: a conditional logit over candidates, times P(answerable).

P(entry i answers) = P(the base answers at all) · P(i is the one), where the latter comes
of exp(s_i) / Σ_j exp(s_j), with s = weights · standardised features (McFadden 1974), and
P(the base answers at all) of a logistic regression on what the best candidates look like.
Both were fitted by `python -m embeddings.training`; the numbers lie in `ranker.json`, by
the features' names.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.index.evidence import names

Floats = NDArray[np.float64]

DATA = Path(__file__).with_name("ranker.json")
MARGINS = ("top", "total", "gap")


@dataclass(frozen=True)
class Linear:
    """A linear function of standardised inputs: `weights · (x - mean) / spread + bias`."""

    weights: Floats
    mean: Floats
    spread: Floats
    bias: float = 0.0

    def of(self, inputs: Floats) -> Floats:
        """Return (n,) for inputs (n, features)."""
        values: Floats = ((inputs - self.mean) / self.spread) @ self.weights + self.bias
        return values

    def lifts(self, inputs: Floats) -> Floats:
        """Return how much each feature lifts each input against their mean, (n, features)."""
        lifts: Floats = (inputs - inputs.mean(axis=0)) / self.spread * self.weights
        return lifts


@dataclass(frozen=True)
class Ranker:
    """The fitted numbers for one set of features."""

    scoring: Linear
    answering: Linear

    def scores(self, features: Floats) -> Floats:
        """Return s for each candidate; `features` is (candidates, features)."""
        return self.scoring.of(features)

    def shares(self, scores: Floats) -> Floats:
        """Return exp(s_i) / Σ_j exp(s_j), summing to 1."""
        raised = np.exp(scores - scores.max())
        shares: Floats = raised / raised.sum()
        return shares

    def answerable(self, features: Floats, scores: Floats) -> float:
        """Return the logit of P(the base answers at all)."""
        return float(self.answering.of(summary(features, scores)[None])[0])


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
    known = names(encoders)
    return Ranker(linear(data["scoring"], known), linear(data["answering"], [*known, *MARGINS]))


def linear(data: dict[str, Any], known: Sequence[str]) -> Linear:
    """Put named numbers in the features' order; a feature that is not named weighs nothing."""
    weights, mean, spread = np.zeros(len(known)), np.zeros(len(known)), np.ones(len(known))
    for name, (weight, middle, width) in data["features"].items():
        at = known.index(name)
        weights[at], mean[at], spread[at] = weight, middle, width
    return Linear(weights, mean, spread, data.get("bias", 0.0))
