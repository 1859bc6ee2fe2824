"""Ranks candidates of all parts and decides."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.index.calibration import Calibration, listed
from embeddings.index.candidates import Visible
from embeddings.index.evidence import Evidence, gather
from embeddings.index.query import Query
from embeddings.index.ranker import Ranker
from embeddings.index.scale import Scale
from embeddings.index.state import Part
from embeddings.index.types import Decision, Hit, Ranking

OPPOSED = 4.0  # what a nearer negative question takes off a score
CERTAIN = 0.99

NOTHING = Ranking((), Decision.NO_ANSWER)


def rank(
    parts: Sequence[Part],
    query: Query,
    scales: Sequence[Scale],
    ranker: Ranker,
    calibration: Calibration,
    limit: int,
    visible: Visible | None,
) -> Ranking:
    """Return the hits with their probabilities, and the decision."""
    found = [
        gather(part.segment, query, scales, _alive(part, visible)) for part in parts if part.living
    ]
    found = [one for one in found if len(one.positions)]
    if not found:
        return NOTHING
    features = np.concatenate([one.features for one in found])
    scores = ranker.scores(features)
    chance = calibration.answerable(ranker.answerable(features, scores))
    opposed = np.concatenate([one.opposed for one in found])
    scores = scores - OPPOSED * opposed
    exact = np.concatenate([_exact(one, query) for one in found]) & ~opposed
    probabilities = chance * calibration.right(ranker.shares(scores))
    if exact.any():
        probabilities = _with_exact(probabilities, exact)
    order = np.argsort(-probabilities, kind="stable")
    owners = [
        (at, position) for at, one in enumerate(found) for position in range(len(one.positions))
    ]
    hits = tuple(_hit(found, owners[at], float(probabilities[at])) for at in order[:limit])
    chance = max(chance, CERTAIN) if exact.any() else chance
    return Ranking(hits, _decide(probabilities[order], chance, exact, calibration), chance)


def _alive(part: Part, visible: Visible | None) -> Visible:
    def alive(document: int) -> bool:
        return document not in part.gone and (visible is None or visible(document))

    return alive


def _exact(evidence: Evidence, query: Query) -> NDArray[np.bool_]:
    """Tell which candidates have a phrasing that is the query."""
    owners = evidence.segment.exact.get(query.key, ()) if query.key else ()
    return np.isin(evidence.positions, owners)


def _with_exact(
    probabilities: NDArray[np.float64], exact: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Who asks in the very words of an entry means it: those entries share the certainty."""
    raised = probabilities * (1 - CERTAIN)
    raised[exact] = CERTAIN / exact.sum()
    return raised


def _decide(
    ordered: NDArray[np.float64],
    chance: float,
    exact: NDArray[np.bool_],
    calibration: Calibration,
) -> Decision:
    if exact.any():
        return Decision.ANSWER if exact.sum() == 1 else Decision.CLARIFY
    if ordered[0] >= calibration.answer_from:
        return Decision.ANSWER
    if listed(chance, ordered) >= calibration.clarify_from:
        return Decision.CLARIFY
    return Decision.NO_ANSWER


def _hit(found: Sequence[Evidence], owner: tuple[int, int], probability: float) -> Hit:
    evidence, at = found[owner[0]], owner[1]
    document = evidence.segment.documents[int(evidence.positions[at])]
    return Hit(document.id, probability, evidence.segment.texts[int(evidence.matched[at])])
