"""Fit the ranker on bases: `python -m embeddings.training BASE.jsonl … --out ranker.json`.

A base is one JSON object a line with `question` or `standard_question` and
`similar_questions`. Only its own phrasings are used, each held out in turn; no
labelled queries. What is written are numbers, none of the bases' texts.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
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
ENCODERS = (("e5", "use"), ("e5",))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bases", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=ranking.DATA)
    parser.add_argument("--cache", type=Path, required=True, help="a file for vectors")
    options = parser.parse_args()
    cache = VectorCache(options.cache)
    fitted = {f"encoders_{len(specs)}": fit(options.bases, specs, cache) for specs in ENCODERS}
    options.out.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def fit(bases: list[Path], specs: tuple[str, ...], cache: VectorCache) -> dict[str, Any]:
    """Return the numbers for one set of encoders."""
    encoders = [load_encoder(spec) for spec in specs]
    scales = [measure(encoder, cache) for encoder in encoders]
    inside: list[Case] = []
    outside: list[Case] = []
    for path in bases:
        segment = build(_documents(path), encoders, cache)
        rows = trials.held_out_rows(segment, sample=1_000_000)
        for document, found in trials.held_out(segment, scales, rows):
            right = np.flatnonzero(found.positions == document)
            inside.append((found.features, int(right[0]) if len(right) else None))
        outside += [
            (found.features, None) for found in trials.unknown(segment, scales, encoders, cache)
        ]
    mean, spread, weights = _conditional_logit(inside)
    return {
        "names": names(len(specs)),
        "mean": _list(mean),
        "spread": _list(spread),
        "weights": _list(weights),
    } | _answerable(inside, outside, (mean, spread, weights))


def _conditional_logit(cases: list[Case]) -> tuple[Floats, Floats, Floats]:
    """Maximise the likelihood of the right candidates; no weight may be negative but length's."""
    everything = np.concatenate([features for features, _ in cases])
    mean, spread = everything.mean(axis=0), everything.std(axis=0)
    scaled = [((features - mean) / spread, right) for features, right in cases if right is not None]

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

    start = np.full(len(mean), 0.1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(mean))
    return mean, spread, found.x


def _answerable(
    inside: list[Case], outside: list[Case], ranked: tuple[Floats, Floats, Floats]
) -> dict[str, Any]:
    mean, spread, weights = ranked

    def seen(cases: list[Case]) -> Floats:
        return np.array(
            [ranking.summary(f, ((f - mean) / spread) @ weights) for f, _ in cases if len(f)]
        )

    known, unknown = seen(inside), seen(outside)
    together = np.concatenate([known, unknown])
    centre, width = together.mean(axis=0), together.std(axis=0) + 1e-9
    labels = np.array([1] * len(known) + [0] * len(unknown))
    model = LogisticRegression(C=ANSWERABLE_C, max_iter=5000, class_weight="balanced")
    model.fit((together - centre) / width, labels)
    return {
        "answerable_mean": _list(centre),
        "answerable_spread": _list(width),
        "answerable_weights": _list(model.coef_[0]),
        "answerable_bias": round(float(model.intercept_[0]), 5),
    }


def _documents(path: Path) -> list[Document]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Document(at, (row.get("question") or row["standard_question"], *row["similar_questions"]))
        for at, row in enumerate(rows)
    ]


def _list(values: Floats) -> list[float]:
    return [round(float(value), 5) for value in values]


if __name__ == "__main__":
    main()
