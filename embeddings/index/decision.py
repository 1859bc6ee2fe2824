"""From log-odds to hits and a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.index.calibration import Calibration, probabilities
from embeddings.index.evidence import Evidence, Floats
from embeddings.index.segment import Part
from embeddings.index.types import Decision, Hit, Ranking

SURE = 0.995
MOST_UNSURE = 0.99
NOTHING = Ranking((), Decision.NO_ANSWER)


@dataclass(frozen=True)
class _Order:
    at: list[int]
    scores: Floats
    exact: int


def rank(
    parts: Sequence[Part],
    evidence: Evidence,
    logits: Floats,
    calibration: Calibration,
    limit: int,
) -> Ranking:
    """Return the best `limit` hits and what to do with them.

    A phrasing that is the query itself comes first; an entry of which the query
    is a negative question does not come at all.
    """
    order = _order(evidence, logits, calibration)
    if not order.at:
        return NOTHING
    hits = []
    for at in order.at[:limit]:
        segment = parts[int(evidence.parts[at])].segment
        document = segment.documents[int(evidence.positions[at])]
        matched = segment.texts[int(evidence.matched[at])]
        hits.append(Hit(document.id, float(order.scores[at]), matched))
    return Ranking(tuple(hits), _decide(order, calibration))


def _order(evidence: Evidence, logits: Floats, calibration: Calibration) -> _Order:
    scores = np.minimum(probabilities(logits, calibration), MOST_UNSURE)
    scores = np.where(evidence.exact, SURE, scores)
    # Logits break ties between probabilities that rounding made equal.
    best_first = np.lexsort((-logits, -scores))
    kept = [at for at in best_first.tolist() if not evidence.refused[at]]
    return _Order(kept, scores, int(evidence.exact[kept].sum()) if kept else 0)


def _decide(order: _Order, calibration: Calibration) -> Decision:
    if order.exact:
        return Decision.ANSWER if order.exact == 1 else Decision.CLARIFY
    top = float(order.scores[order.at[0]])
    runner_up = float(order.scores[order.at[1]]) if len(order.at) > 1 else 0.0
    if top < calibration.clarify:
        return Decision.NO_ANSWER
    if top >= calibration.answer and runner_up <= top - calibration.margin * (1 - top):
        return Decision.ANSWER
    return Decision.CLARIFY
