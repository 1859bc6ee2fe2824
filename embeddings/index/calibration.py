"""The base calibrates itself: what it holds out should be found, what it lacks refused."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embeddings.index.trials import LEAST_KNOWN, LEAST_PHRASINGS, Trial
from embeddings.index.types import SHOWN, Promises
from embeddings.metrics import Bin, auroc, reliability

LEAST_ABOVE = 0.03  # share of all questions on which a threshold must rest
LEAST_SEPARATION = 0.9
ANSWER_RANGE = (0.5, 0.95)
CLARIFY_RANGE = (0.1, 0.95)
PRIOR = 20.0  # the identity counts as so many trials

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """From logits and shares to probabilities, and the two thresholds on these.

    P(the base answers) = sigmoid(slope · logit + bias); P(a candidate is right, if it
    does) = sigmoid(sharpness · logit(share) + lift). `answer_from` is compared with the
    best hit's probability, `clarify_from` with the sum over the hits that a citizen is
    shown. `problem` says why the shipped numbers are in force, where they are.
    """

    slope: float = 1.0
    bias: float = 0.0
    sharpness: float = 1.0
    lift: float = 0.0
    answer_from: float = 0.75
    clarify_from: float = 0.35
    trials: int = 0
    problem: str = ""

    def answerable(self, logit: float) -> float:
        """Return the probability that the base answers at all."""
        return float(_sigmoid(np.array(self.slope * logit + self.bias)))

    def right(self, shares: Floats) -> Floats:
        """Return the probability of each candidate to be the one, if the base answers."""
        bounded = np.clip(shares, 1e-6, 1 - 1e-6)
        odds = np.log(bounded / (1 - bounded))
        return _sigmoid(self.sharpness * odds + self.lift)

    def as_dict(self) -> dict[str, float | str]:
        """Return the numbers for a snapshot's manifest."""
        return asdict(self)


@dataclass(frozen=True)
class Rehearsal:
    """A calibration, and how far its probabilities can be trusted.

    `bins` and their expected calibration `error`: judged on trials that the fit did not
    see; empty where there is a problem.
    """

    calibration: Calibration
    bins: tuple[Bin, ...] = ()
    error: float = 0.0


def rehearse(trials: Sequence[Trial], promises: Promises) -> Rehearsal:
    """Calibrate, and tell how far the probabilities can be trusted."""
    fitted = calibrate(trials, promises)
    if fitted.problem:
        return Rehearsal(fitted)
    bins, error = reliability(cross_judged(trials))
    return Rehearsal(fitted, tuple(bins), error)


def calibrate(trials: Sequence[Trial], promises: Promises) -> Calibration:
    """Fit the probabilities and set the thresholds; where that fails, the shipped ones stay."""
    problem = _problem(trials)
    if problem:
        return Calibration(trials=len(trials), problem=problem)
    fitted = fit(trials)
    best = [(chances(fitted, trial)[0], trial) for trial in trials]
    answer_from = _lowest_keeping(
        [(chance, trial.right[0], trial.weight) for chance, trial in best],
        promises.answer_precision,
        ANSWER_RANGE,
    )
    asked = [trial for chance, trial in best if chance < answer_from]
    lists = [
        (trial, listed(fitted.answerable(trial.logit), chances(fitted, trial))) for trial in asked
    ]
    refusing = _lowest_refusing(
        [(value, trial.weight) for trial, value in lists if trial.unrelated],
        sum(trial.weight for trial in trials if trial.unrelated) * (1 - promises.refused),
    )
    keeping = _lowest_keeping(
        [(value, any(trial.right), trial.weight) for trial, value in lists if trial.inside],
        promises.clarify_contains,
        CLARIFY_RANGE,
    )
    clarify_from = min(max(refusing, keeping), answer_from)
    return replace(fitted, answer_from=answer_from, clarify_from=clarify_from)


def fit(trials: Sequence[Trial]) -> Calibration:
    """Fit both probabilities (Platt 1999) to the trials, held near the identity."""
    slope, bias = _line(
        np.array([trial.logit for trial in trials]),
        np.array([trial.inside for trial in trials], dtype=float),
        np.array([trial.weight for trial in trials]),
    )
    inside = [trial for trial in trials if trial.inside]
    tops = np.clip([trial.shares[0] for trial in inside], 1e-6, 1 - 1e-6)
    sharpness, lift = _line(
        np.log(tops / (1 - tops)),
        np.array([trial.right[0] for trial in inside], dtype=float),
        np.array([trial.weight for trial in inside]),
    )
    return Calibration(slope, bias, sharpness, lift, trials=len(trials))


def chances(fitted: Calibration, trial: Trial) -> Floats:
    """Return the probability of each of the trial's foremost candidates to be right.

    They may sum to more than 1: of two entries that say the same both are.
    """
    return fitted.answerable(trial.logit) * fitted.right(np.array(trial.shares))


def listed(answerable: float, chances: Floats) -> float:
    """Return the probability that a list of hits with these `chances` holds a right one."""
    return min(answerable, float(chances[:SHOWN].sum()))


def cross_judged(trials: Sequence[Trial]) -> list[tuple[float, bool, float]]:
    """Return each trial's best chance, whether it was right, and its weight.

    Each half of the trials is judged by the fit to the other.
    """
    return [
        (float(chances(fitted, trial)[0]), trial.right[0], trial.weight)
        for half in (0, 1)
        for fitted in [fit(trials[1 - half :: 2])]
        for trial in trials[half::2]
    ]


def _problem(trials: Sequence[Trial]) -> str:
    """Tell why the trials cannot calibrate anything; empty if they can."""
    inside = [trial for trial in trials if trial.inside]
    outside = [trial for trial in trials if trial.unrelated]
    if not inside or not outside:
        return (
            f"问法太少：能拿来检验的（所属条目有 {LEAST_PHRASINGS} 条以上问法的）问法"
            f"不到 {LEAST_KNOWN} 条。请给更多条目写上相似问"
        )
    separation = auroc([one.logit for one in inside], [one.logit for one in outside])
    if separation < LEAST_SEPARATION:
        return (
            f"区分不开：知识库里的问题和无关的问题得分太接近（AUROC {separation:.2f}，"
            f"至少要 {LEAST_SEPARATION}）。请检查问法是否写成了各种无关的话"
        )
    return ""


def _line(inputs: Floats, labels: Floats, weights: Floats) -> tuple[float, float]:
    """Return slope and offset of the most likely logistic curve, by Newton's method."""
    weights = weights / weights.mean()
    design = np.column_stack([inputs, np.ones_like(inputs)])
    centre, penalty = np.array([1.0, 0.0]), np.diag([PRIOR, 1.0])
    found = centre.copy()
    for _ in range(50):
        chance = _sigmoid(design @ found)
        slope = design.T @ (weights * (chance - labels)) + penalty @ (found - centre)
        bend = (design * (weights * chance * (1 - chance))[:, None]).T @ design + penalty
        step = np.linalg.solve(bend, slope)
        found = found - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return max(float(found[0]), 0.05), float(found[1])


def _lowest_keeping(
    judged: Sequence[tuple[float, bool, float]], promise: float, within: tuple[float, float]
) -> float:
    """Return the lowest value at which the (value, right, weight) above it keep `promise`.

    The highest of `within` if there is none.
    """
    total = right = 0.0
    found = within[1]
    for value, is_right, weight in sorted(judged, key=lambda one: -one[0]):
        total += weight
        right += weight * is_right
        if total >= LEAST_ABOVE and right >= promise * total:
            found = value
    return float(np.clip(found, *within))


def _lowest_refusing(values: Sequence[tuple[float, float]], allowed: float) -> float:
    """Return the lowest value above which no more weight than `allowed` lies."""
    found, total = 1.0, 0.0
    for value, weight in sorted(values, reverse=True):
        total += weight
        if total > allowed:
            return float(np.nextafter(value, 1))
        found = value
    return found


def _sigmoid(values: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return chance
