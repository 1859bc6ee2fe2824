"""Whether an encoder finds what it was not shown, and still refuses what no base answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.index import ranker as ranking
from embeddings.index import trials
from embeddings.index.scale import measure
from embeddings.index.service import SearchIndex
from embeddings.index.types import SHOWN, Document
from embeddings.metrics import auroc

KEPT = 0.95  # of the held-out questions are answered where refusals are compared
DIGITS = 4


@dataclass(frozen=True)
class Figures:
    """What an encoder reaches through the whole index, each from 0 to 1.

    `recall_at_1`, `recall_at_5` of the held-out phrasings; `auroc` of the chance that the
    base answers, theirs against that of questions which no base answers; `refused`: the
    share of the latter below the chance that 95 % of the former reach.
    """

    recall_at_1: float
    recall_at_5: float
    auroc: float
    refused: float

    def better_than(self, before: "Figures") -> bool:
        """Tell whether more is found and nothing that counted is lost."""
        found = (self.recall_at_1, self.recall_at_5)
        once = (before.recall_at_1, before.recall_at_5)
        never_less = all(now >= then for now, then in zip(found, once, strict=True))
        refuses = self.auroc >= before.auroc and self.refused >= before.refused
        return never_less and found != once and refuses


def judge(
    encoders: Sequence[Encoder],
    cache: VectorCache,
    documents: Sequence[Document],
    held: Sequence[tuple[str, frozenset[int]]],
) -> Figures:
    """Ask an index of `documents` the `held` phrasings, each with the ids that answer it."""
    index = SearchIndex(encoders[0], encoders[1] if len(encoders) > 1 else None, cache)
    index.rebuild(documents)
    found = [(index.search(text, SHOWN), right) for text, right in held]
    ranks = [[hit.id in right for hit in ranking_.hits] for ranking_, right in found]
    inside = [ranking_.answerable for ranking_, _ in found]
    outside = _strangers(index, encoders, cache)
    bar = float(np.quantile(inside, 1 - KEPT))
    return Figures(
        recall_at_1=_share([any(one[:1]) for one in ranks]),
        recall_at_5=_share([any(one) for one in ranks]),
        auroc=round(auroc(inside, outside), DIGITS),
        refused=_share([chance < bar for chance in outside]),
    )


def _strangers(index: SearchIndex, encoders: Sequence[Encoder], cache: VectorCache) -> list[float]:
    """Return the chance that the base answers, for each shipped out-of-scope question.

    Through `trials`, where none of them is a measure for itself.
    """
    segment = index.state.parts[0].segment
    ranker = ranking.load(len(encoders))
    scales = [measure(encoder, cache) for encoder in encoders]
    asked = trials.unknown(segment, scales, encoders, cache)
    return [
        index.calibration.answerable(
            ranker.answerable(found.features, ranker.scores(found.features))
        )
        for found in asked
        if len(found.positions)
    ]


def _share(held: Sequence[bool]) -> float:
    return round(float(np.mean(held)), DIGITS)
