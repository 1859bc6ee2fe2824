"""Holds out phrasings, and asks what the base cannot know: the material of calibration."""

from collections.abc import Iterator, Sequence

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.index import query as queries
from embeddings.index.calibration import LEAST_PHRASINGS, SAMPLE, Trial
from embeddings.index.evidence import Evidence, Held, gather
from embeddings.index.ranker import Ranker
from embeddings.index.scale import Scale, out_of_scope
from embeddings.index.segment import Segment
from embeddings.text.normalise import normalise

DEPTH = 10


def held_out_rows(segment: Segment, sample: int = SAMPLE) -> list[int]:
    """Return rows of phrasings whose entries keep at least two others, spread over the base."""
    lengths = np.diff(segment.starts)
    rows = np.flatnonzero(lengths[segment.owners] >= LEAST_PHRASINGS)
    if len(rows) > sample:
        rows = rows[np.linspace(0, len(rows) - 1, sample).astype(int)]
    return [int(row) for row in rows]


def held_out(
    segment: Segment, scales: Sequence[Scale], rows: Sequence[int]
) -> Iterator[tuple[int, Evidence]]:
    """Ask each phrasing of `rows` of the base without it; yields its document and the evidence."""
    for row in rows:
        vectors = tuple(view.vectors[row] for view in segment.dense)
        asked = queries.weigh(segment.texts[row], vectors, [segment])
        found = gather(segment, asked, scales, held=Held(rows=frozenset({row})))
        yield int(segment.owners[row]), found


def unknown(
    segment: Segment, scales: Sequence[Scale], encoders: Sequence[Encoder], cache: VectorCache
) -> Iterator[Evidence]:
    """Ask the shipped out-of-scope questions of the base."""
    texts = out_of_scope()
    forms = [normalise(text) for text in texts]
    vectors = [cache.encode(encoder, forms) for encoder in encoders]
    for at, text in enumerate(texts):
        asked = queries.weigh(text, tuple(found[at] for found in vectors), [segment])
        yield gather(segment, asked, scales)


def run(
    segment: Segment,
    scales: Sequence[Scale],
    encoders: Sequence[Encoder],
    cache: VectorCache,
    ranker: Ranker,
) -> list[Trial]:
    """Return the trials of a base."""
    trials = [
        _trial(evidence, ranker, document)
        for document, evidence in held_out(segment, scales, held_out_rows(segment))
        if len(evidence.positions)
    ]
    trials += [
        _trial(evidence, ranker, None)
        for evidence in unknown(segment, scales, encoders, cache)
        if len(evidence.positions)
    ]
    return trials


def _trial(evidence: Evidence, ranker: Ranker, document: int | None) -> Trial:
    scores = ranker.scores(evidence.features)
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    shares = ranker.shares(scores)[order]
    return Trial(
        logit=ranker.answerable(evidence.features, scores),
        shares=tuple(shares.tolist()),
        right=tuple(bool(evidence.positions[at] == document) for at in order),
        inside=document is not None,
    )
