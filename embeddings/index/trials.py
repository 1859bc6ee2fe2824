"""Asks a base what it should know, held out, and what it cannot know: the stuff of calibration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.index import metric, twins
from embeddings.index import query as queries
from embeddings.index.candidates import Held
from embeddings.index.evidence import Evidence, gather
from embeddings.index.ranker import Ranker
from embeddings.index.scale import Scale, out_of_scope
from embeddings.index.segment import Segment
from embeddings.index.types import SHOWN
from embeddings.text.normalise import normalise

KNOWN = 300
MISSING = 100
LEAST_KNOWN = 40
LEAST_PHRASINGS = 3
FOLDS = 5
ONE_ROW_TEACHES = 20_000  # phrasings up to which a single one bends the base's metric

# What a hotline is asked; an assumption until its own log says otherwise.
KNOWN_SHARE = 0.75
MISSING_SHARE = 0.05
UNRELATED_SHARE = 0.20


@dataclass(frozen=True)
class Trial:
    """One question asked.

    `logit`: that the base answers; `shares` of the foremost candidates and whether
    they are `right`, best first; `inside`: the base does answer; `unrelated`: no base
    does; `weight` of the trial among all, summing to 1.
    """

    logit: float
    shares: tuple[float, ...]
    right: tuple[bool, ...]
    inside: bool
    unrelated: bool
    weight: float = 1.0


def held_out_rows(segment: Segment, sample: int = KNOWN) -> list[int]:
    """Return rows of phrasings whose entries keep at least two others, spread over the base."""
    lengths = np.diff(segment.starts)
    rows = np.flatnonzero(lengths[segment.owners] >= LEAST_PHRASINGS)
    if len(rows) > sample:
        rows = rows[np.linspace(0, len(rows) - 1, sample).astype(int)]
    return [int(row) for row in rows]


def folds_of(segment: Segment) -> list[Segment]:
    """Return the segment as it looks to each fold of its rows.

    The base's metric must not have learned from what is asked: row r is asked of
    `folds[r % len(folds)]`. In a large base one row teaches next to nothing.
    """
    if len(segment.texts) > ONE_ROW_TEACHES:
        return [segment]
    return [_without_fold(segment, fold) for fold in range(FOLDS)]


def held_out(
    folds: Sequence[Segment], scales: Sequence[Scale], rows: Sequence[int], *, entry: bool = False
) -> Iterator[tuple[int, Evidence]]:
    """Ask each phrasing of `rows` of the base without it, or without its whole `entry`.

    Yields its document and the evidence.
    """
    for row in rows:
        segment = folds[row % len(folds)]
        owner = int(segment.owners[row])
        vectors = tuple(view.at(row) for view in segment.dense)
        asked = queries.weigh(segment.texts[row], vectors, [segment])
        held = Held(document=owner) if entry else Held(rows=frozenset({row}))
        yield owner, gather(segment, asked, scales, held=held)


def unknown(
    segment: Segment, scales: Sequence[Scale], encoders: Sequence[Encoder], cache: VectorCache
) -> Iterator[Evidence]:
    """Ask the shipped out-of-scope questions of the base; each is no measure for itself."""
    texts = out_of_scope()
    forms = [normalise(text) for text in texts]
    vectors = [cache.encode(encoder, forms) for encoder in encoders]
    for at, text in enumerate(texts):
        asked = queries.weigh(text, tuple(found[at] for found in vectors), [segment])
        yield gather(segment, asked, scales, held=Held(unrelated=at))


def run(
    segment: Segment,
    scales: Sequence[Scale],
    encoders: Sequence[Encoder],
    cache: VectorCache,
    ranker: Ranker,
) -> list[Trial]:
    """Return the trials of a base, weighted like what a hotline is asked; none if it is small."""
    rows = held_out_rows(segment)
    if len(rows) < LEAST_KNOWN:
        return []
    alike = twins.learn(segment)
    folds = folds_of(segment)
    some = rows[:: max(1, -(-len(rows) // MISSING))]
    known = [
        _trial(found, ranker, alike.of(owner, found.positions), inside=True)
        for owner, found in held_out(folds, scales, rows)
        if len(found.positions)
    ]
    missing = []
    for owner, found in held_out(folds, scales, some, entry=True):
        if len(found.positions):
            right = alike.of(owner, found.positions)  # a twin still answers
            missing.append(_trial(found, ranker, right, inside=bool(right.any())))
    unrelated = [
        _trial(found, ranker, np.zeros(len(found.positions), dtype=bool), inside=False)
        for found in unknown(segment, scales, encoders, cache)
        if len(found.positions)
    ]
    unrelated = [replace(trial, unrelated=True) for trial in unrelated]
    groups = ((known, KNOWN_SHARE), (missing, MISSING_SHARE), (unrelated, UNRELATED_SHARE))
    return [replace(one, weight=share / len(group)) for group, share in groups for one in group]


def _without_fold(segment: Segment, fold: int) -> Segment:
    """Return the segment with a metric that the rows of `fold` did not teach."""
    kept = np.arange(len(segment.texts)) % FOLDS != fold
    views = []
    for view in segment.dense:
        taught = metric.learn(view.at(kept), segment.owners[kept])
        adapted = metric.measure(taught, view.vectors, segment.starts)
        views.append(replace(view, adapted=adapted))
    return replace(segment, dense=tuple(views))


def _trial(evidence: Evidence, ranker: Ranker, right: NDArray[np.bool_], *, inside: bool) -> Trial:
    scores = ranker.scores(evidence.features)
    order = np.argsort(-scores, kind="stable")[:SHOWN]
    return Trial(
        logit=ranker.answerable(evidence.features, scores),
        shares=tuple(ranker.shares(scores)[order].tolist()),
        right=tuple(right[order].tolist()),
        inside=inside,
        unrelated=False,
    )
