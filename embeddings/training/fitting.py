"""Fits the ranker to questions that were held out."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.index import ranker as ranking
from embeddings.index import trials
from embeddings.index.evidence import names
from embeddings.index.scale import measure
from embeddings.index.segment import build
from embeddings.index.types import Document

Floats = NDArray[np.float64]
Case = tuple[Floats, int | None]  # features of the candidates, which of them is right

RIDGE = 0.1
ANSWERABLE_C = 0.3
ONLY_ANSWERING = ("unrelated",)  # the same for all candidates but for "best"
ONLY_SCORING = ("second", "length")
TINY = 1e-9


def cases_of(
    bases: Sequence[Path], encoders: Sequence[Encoder], cache: VectorCache
) -> tuple[list[Case], list[Case]]:
    """Ask bases their own phrasings, held out, and what none answers; returns both."""
    scales = [measure(encoder, cache) for encoder in encoders]
    inside: list[Case] = []
    outside: list[Case] = []
    for path in bases:
        segment = build(read_documents(path), encoders, cache)
        rows = trials.held_out_rows(segment, sample=1_000_000)
        for document, found in trials.held_out(trials.folds_of(segment), scales, rows):
            right = np.flatnonzero(found.positions == document)
            inside.append((found.features, int(right[0]) if len(right) else None))
        outside += [
            (found.features, None) for found in trials.unknown(segment, scales, encoders, cache)
        ]
    return inside, outside


def fit(
    inside: list[Case], outside: list[Case], encoders: int, without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the numbers for so many encoders; features that begin with `without` are left out."""
    known = names(encoders)
    scoring = _conditional_logit(inside, known, (*ONLY_ANSWERING, *without))
    ranked = ranking.linear(scoring, known)
    answering = _answering(inside, outside, ranked, known, (*ONLY_SCORING, *without))
    return {"scoring": scoring, "answering": answering}


def _conditional_logit(
    cases: list[Case], known: list[str], without: tuple[str, ...]
) -> dict[str, Any]:
    """Maximise the likelihood of the right candidates; no weight may be negative."""
    used = [at for at, name in enumerate(known) if not name.startswith(without)]
    everything = np.concatenate([features[:, used] for features, _ in cases])
    mean, spread = everything.mean(axis=0), everything.std(axis=0) + TINY
    scaled = [
        ((features[:, used] - mean) / spread, right)
        for features, right in cases
        if right is not None
    ]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for features, right in scaled:
            scores = features @ weights
            raised = np.exp(scores - scores.max())
            shares = raised / raised.sum()
            total -= np.log(shares[right] + 1e-12)
            slope += shares @ features - features[right]
        count = len(scaled)
        return float(total / count + RIDGE * weights @ weights), slope / count + 2 * RIDGE * weights

    start = np.full(len(used), 0.1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(used))
    return _linear([known[at] for at in used], found.x, mean, spread)


def _answering(
    inside: list[Case],
    outside: list[Case],
    weigh: ranking.Linear,
    known: list[str],
    without: tuple[str, ...],
) -> dict[str, Any]:
    """Fit P(the base answers at all) on what the best candidates look like."""
    inputs = [*known, *ranking.MARGINS]
    used = [at for at, name in enumerate(inputs) if not name.startswith(without)]

    def seen(cases: list[Case]) -> Floats:
        return np.array([ranking.summary(f, weigh.of(f))[used] for f, _ in cases if len(f)])

    looks, strangers = seen(inside), seen(outside)
    together = np.concatenate([looks, strangers])
    mean, spread = together.mean(axis=0), together.std(axis=0) + TINY
    labels = np.array([1] * len(looks) + [0] * len(strangers))
    model = LogisticRegression(C=ANSWERABLE_C, max_iter=5000, class_weight="balanced")
    model.fit((together - mean) / spread, labels)
    fitted = _linear([inputs[at] for at in used], model.coef_[0], mean, spread)
    return fitted | {"bias": round(float(model.intercept_[0]), 5)}


def read_documents(path: Path) -> list[Document]:
    """Return a base's entries from a file of JSON lines."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Document(at, (row.get("question") or row["standard_question"], *row["similar_questions"]))
        for at, row in enumerate(rows)
    ]


def _linear(known: list[str], weights: Floats, mean: Floats, spread: Floats) -> dict[str, Any]:
    numbers = np.column_stack([weights, mean, spread])
    return {
        "features": {
            name: [round(float(value), 5) for value in row]
            for name, row in zip(known, numbers, strict=True)
        }
    }
