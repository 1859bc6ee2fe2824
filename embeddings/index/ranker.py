"""The logistic model that turns evidence into the chance that an entry answers the query.

Its weights are data (`data/ranker.json`), made by `python -m embeddings.training`.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from embeddings.index.evidence import Evidence, Floats, names

OPPOSED = -6.0


@dataclass(frozen=True)
class Ranker:
    """`weights`: (features,), for the features in the order of `evidence.names`."""

    weights: Floats
    intercept: float

    def logits(self, evidence: Evidence) -> Floats:
        """Return the log-odds (candidates,) that each candidate answers the query."""
        found = evidence.features @ self.weights + self.intercept
        opposed: Floats = found + OPPOSED * (evidence.opposed & ~evidence.exact)
        return opposed


def shipped(encoders: int) -> Ranker:
    """Return the shipped ranker for so many encoders."""
    model = json.loads(_data())[str(encoders)]
    weights = np.array([model["weights"][name] for name in names(encoders)])
    return Ranker(weights, float(model["intercept"]))


def version() -> str:
    """Return what changes with every change of the shipped rankers."""
    return hashlib.sha256(_data()).hexdigest()[:16]


@cache
def _data() -> bytes:
    return (files("embeddings.index") / "data" / "ranker.json").read_bytes()
