"""The base calibrates itself: what it holds out should be found, what it lacks refused."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.index.types import SHOWN, Promises

SAMPLE = 300
LEAST_PHRASINGS = 3
LEAST_OUTCOMES = 40
OUT_OF_SCOPE_SHARE = 0.2  # what a hotline's chat gets that no base answers; an assumption
ASKED_BACK_FROM = 0.4  # a list less likely than this to hold the right entry wastes one's time

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """One held-out question: the logit that the base answers it, the hits' shares and truth.

    `shares` and `right` are best first; a question that the base lacks has no right hit.
    """

    logit: float
    shares: tuple[float, ...]
    right: tuple[bool, ...]
    inside: bool


@dataclass(frozen=True)
class Calibration:
    """P(answerable) = sigmoid(slope · logit + bias), and the two thresholds.

    `answer_from` is compared with the best hit's probability, `clarify_from` with
    the sum over the hits that a citizen is shown.
    """

    slope: float = 1.0
    bias: float = 0.0
    answer_from: float = 0.75
    clarify_from: float = 0.35
    trials: int = 0

    def answerable(self, logit: float) -> float:
        """Return the probability that the base answers at all."""
        return float(1 / (1 + np.exp(-np.clip(self.slope * logit + self.bias, -30, 30))))

    def as_dict(self) -> dict[str, float]:
        """Return the numbers for a snapshot's manifest."""
        return asdict(self)


def calibrate(trials: Sequence[Trial], promises: Promises) -> Calibration:
    """Fit the probability and set the thresholds; a small base keeps the shipped ones."""
    inside = [trial for trial in trials if trial.inside]
    outside = [trial for trial in trials if not trial.inside]
    if len(inside) < LEAST_OUTCOMES or not outside:
        return Calibration(trials=len(inside))
    share = OUT_OF_SCOPE_SHARE / (1 - OUT_OF_SCOPE_SHARE)
    weights = {True: 1.0, False: share * len(inside) / len(outside)}
    fitted = _platt(trials, weights)
    best, shown = [], []
    for trial in trials:
        chance = fitted.answerable(trial.logit)
        weight = weights[trial.inside]
        best.append((chance * trial.shares[0], trial.right[0], weight))
        listed = chance * sum(trial.shares[:SHOWN])
        shown.append((listed, any(trial.right[:SHOWN]), weight))
    answer_from = _threshold(best, promises.answer_precision, 0.9)
    below = [one for one, top in zip(shown, best, strict=True) if top[0] < answer_from]
    lowest = _threshold(below, promises.clarify_contains, 0.6)
    clarify_from = min(max(lowest, ASKED_BACK_FROM), answer_from)
    return Calibration(fitted.slope, fitted.bias, answer_from, clarify_from, trials=len(inside))


def _platt(trials: Sequence[Trial], weights: dict[bool, float]) -> Calibration:
    """Platt (1999): a logistic regression on the logit, held near the identity."""
    from sklearn.linear_model import LogisticRegression  # 60 MB that only a rebuild needs

    logits = np.array([[trial.logit] for trial in trials])
    labels = np.array([trial.inside for trial in trials])
    sample = np.array([weights[trial.inside] for trial in trials])
    model = LogisticRegression(C=1.0).fit(logits, labels, sample_weight=sample)
    slope = float(np.clip(model.coef_[0, 0], 0.2, 5.0))
    return Calibration(slope=slope, bias=float(model.intercept_[0]))


def _threshold(
    judged: Iterable[tuple[float, bool, float]], promise: float, otherwise: float
) -> float:
    """Return the lowest value above which the weighted share of right ones keeps `promise`."""
    ordered = sorted(judged, key=lambda one: -one[0])
    total = right = 0.0
    found = None
    for value, is_right, weight in ordered:
        total += weight
        right += weight * is_right
        if total >= LEAST_OUTCOMES / 4 and right / total >= promise:
            found = value
    return otherwise if found is None else float(min(max(found, 0.05), 0.99))
