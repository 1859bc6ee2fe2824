"""Ranks candidates of all parts and decides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.index.calibration import Calibration, listed
from embeddings.index.candidates import Held, Visible
from embeddings.index.evidence import Evidence, gather, names
from embeddings.index.query import Query
from embeddings.index.ranker import Ranker
from embeddings.index.scale import Scale
from embeddings.index.state import Part
from embeddings.index.types import Candidate, Decision, Explanation, Hit, Ranking

OPPOSED = 4.0  # what a nearer negative question takes off a score
CERTAIN = 0.99
TERSE = 2  # characters that name a matter and ask nothing of it: 投诉, 补贴
RIVAL = 0.1  # with a second entry as likely as that, such a word may mean either

NOTHING = Ranking((), Decision.NO_ANSWER)


@dataclass(frozen=True)
class Judgement:
    """How a question's ranking is made: the scales, the ranker, the calibration in force."""

    scales: Sequence[Scale]
    ranker: Ranker
    calibration: Calibration

    def rank(
        self,
        parts: Sequence[Part],
        query: Query,
        limit: int,
        visible: Visible | None,
        among: int = 1,
    ) -> Ranking:
        """Return the hits with their probabilities, and the decision.

        `query` may be one of several, `among` so many, of which one is the question: each
        could be taken for it by chance, so the odds that the base answers go down with them.
        """
        judged = self._judged(parts, query, visible, among)
        return judged.ranking(limit) if judged else NOTHING

    def explain(
        self,
        parts: Sequence[Part],
        query: Query,
        limit: int,
        visible: Visible | None,
        among: int = 1,
    ) -> Explanation:
        """Return the ranking with what speaks for each of the first `limit` candidates."""
        judged = self._judged(parts, query, visible, among)
        if judged is None:
            return Explanation(NOTHING, (), query.text)
        lifts = self.ranker.scoring.lifts(judged.features)
        known = names(len(self.scales))
        candidates = tuple(
            Candidate(
                judged.hit(at),
                dict(zip(known, lifts[at].tolist(), strict=True)),
                bool(judged.exact[at]),
                bool(judged.opposed[at]),
            )
            for at in judged.order[:limit].tolist()
        )
        return Explanation(
            judged.ranking(limit),
            candidates,
            query.text,
            listed(judged.chance, judged.probabilities[judged.order]),
            self.calibration.answer_from,
            self.calibration.clarify_from,
            judged.vague,
        )

    def gather(
        self, part: Part, query: Query, visible: Visible | None, held: Held | None = None
    ) -> Evidence | None:
        """Return what speaks for the candidates of a part without what is `held` out."""
        if not part.living:
            return None
        return gather(part.segment, query, self.scales, _alive(part, visible), held)

    def judge(self, gathered: Sequence[Evidence | None], query: Query, limit: int) -> Ranking:
        """Return the hits of what was gathered, and the decision."""
        judged = self._weighed(gathered, query)
        return judged.ranking(limit) if judged else NOTHING

    def _judged(
        self, parts: Sequence[Part], query: Query, visible: Visible | None, among: int
    ) -> "_Judged | None":
        return self._weighed([self.gather(part, query, visible) for part in parts], query, among)

    def _weighed(
        self, gathered: Sequence[Evidence | None], query: Query, among: int = 1
    ) -> "_Judged | None":
        found = [one for one in gathered if one is not None and len(one.positions)]
        if not found:
            return None
        features = np.concatenate([one.features for one in found])
        scores = self.ranker.scores(features)
        chance = self.calibration.answerable(self.ranker.answerable(features, scores))
        chance /= chance + among * (1 - chance)
        opposed = np.concatenate([one.opposed for one in found])
        exact = np.concatenate([_exact(one, query) for one in found]) & ~opposed
        shares = self.ranker.shares(scores - OPPOSED * opposed)
        probabilities = chance * self.calibration.right(shares)
        if exact.any():
            probabilities = _with_exact(probabilities, exact)
            chance = max(chance, CERTAIN)
        order = np.argsort(-probabilities, kind="stable")
        second = probabilities[order[1]] if len(order) > 1 else 0.0
        vague = len(query.key) <= TERSE and second >= RIVAL
        return _Judged(
            found, features, probabilities, order, exact, opposed, chance, vague, self.calibration
        )


@dataclass(frozen=True)
class _Judged:
    """All candidates, one after the other; `order` has the best first."""

    found: Sequence[Evidence]
    features: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    order: NDArray[np.int64]
    exact: NDArray[np.bool_]
    opposed: NDArray[np.bool_]
    chance: float
    vague: bool
    calibration: Calibration

    def ranking(self, limit: int) -> Ranking:
        hits = tuple(self.hit(at) for at in self.order[:limit].tolist())
        return Ranking(hits, self._decision(), self.chance)

    def hit(self, at: int) -> Hit:
        probability, evidence = float(self.probabilities[at]), self.found[0]
        for evidence in self.found:
            if at < len(evidence.positions):
                break
            at -= len(evidence.positions)
        document = int(evidence.segment.ids[evidence.positions[at]])
        return Hit(document, probability, evidence.segment.texts[int(evidence.matched[at])])

    def _decision(self) -> Decision:
        ordered = self.probabilities[self.order]
        if self.exact.any():
            return Decision.ANSWER if self.exact.sum() == 1 else Decision.CLARIFY
        if ordered[0] >= self.calibration.answer_from and not self.vague:
            return Decision.ANSWER
        if listed(self.chance, ordered) >= self.calibration.clarify_from:
            return Decision.CLARIFY
        return Decision.NO_ANSWER


def _alive(part: Part, visible: Visible | None) -> Visible:
    def alive(document: int) -> bool:
        return document not in part.gone and (visible is None or visible(document))

    return alive


def _exact(evidence: Evidence, query: Query) -> NDArray[np.bool_]:
    """Tell which candidates have a phrasing that is the query, and is not held out."""
    owners = evidence.segment.exact.get(query.key, ()) if query.key else ()
    return np.isin(evidence.positions, owners) & ~np.isin(evidence.positions, evidence.held)


def _with_exact(
    probabilities: NDArray[np.float64], exact: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Who asks in the very words of an entry means it: those entries share the certainty."""
    raised = probabilities * (1 - CERTAIN)
    raised[exact] = CERTAIN / exact.sum()
    return raised
