"""What speaks for each candidate document: the features that the ranker weighs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index.candidates import Held, Rows, Visible, find, rows_of
from embeddings.index.lexical import K1, Postings, spans
from embeddings.index.query import Query
from embeddings.index.scale import Scale
from embeddings.index.segment import Dense, Segment

CANDIDATES = 32
ADAPTED_SCALE = 10.0  # brings these cosines to the size of the others

DENSE_FEATURES = (
    "best",
    "second",
    "centroid",
    "adapted_best",
    "adapted_centroid",
    "unrelated",
)
LEXICAL_FEATURES = ("characters", "words", "entry_coverage", "phrasing_coverage", "length")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """Candidates with their features.

    `features`: (candidates, features), in the order of `names`; `matched` is the
    row of the phrasing nearest to the query; `opposed` tells that a negative
    question is nearer than any phrasing; `held` are positions of which rows were held out.
    """

    segment: Segment
    positions: NDArray[np.int64]
    features: Floats
    matched: NDArray[np.int64]
    opposed: NDArray[np.bool_]
    held: tuple[int, ...] = ()

    def without(self, document: int) -> "Evidence":
        """Return the evidence as it is without the candidate of that id."""
        kept = self.segment.ids[self.positions] != document
        return replace(
            self,
            positions=self.positions[kept],
            features=self.features[kept],
            matched=self.matched[kept],
            opposed=self.opposed[kept],
        )


def names(encoders: int) -> list[str]:
    """Return the features' names for so many encoders."""
    found = [f"{name}_{at}" for at in range(encoders) for name in DENSE_FEATURES]
    return [*found, *LEXICAL_FEATURES]


def gather(
    segment: Segment,
    query: Query,
    scales: Sequence[Scale],
    visible: Visible | None = None,
    held: Held | None = None,
) -> Evidence:
    """Find candidates in `segment` and gather what speaks for them."""
    held = held or Held()
    positions = find(segment, query, held)
    if visible is not None:
        ids = segment.ids[positions].tolist()
        positions = positions[np.fromiter(map(visible, ids), bool, len(ids))]
    rows = rows_of(segment, positions, held)
    positions = positions[rows.counts > 0]
    rows = rows_of(segment, positions, held)
    found = [
        _dense_features(view, vector, segment, positions, rows, held, scale)
        for view, vector, scale in zip(
            segment.dense, segment.of(query.vectors), segment.of(scales), strict=True
        )
    ]
    matched = rows.at[found[0].best_at]
    columns = [column for one in found for column in one.columns]
    columns += _bm25_features(segment, query, rows)
    features = np.column_stack(columns)
    quick = features[:, :-2].mean(axis=1) + 6 * features[:, -2]
    kept_at = np.argsort(-quick, kind="stable")[:CANDIDATES]
    positions, matched = positions[kept_at], matched[kept_at]
    features = np.column_stack(
        [features[kept_at], *_coverage_features(segment, query, positions, matched, held)]
    )
    opposed = _opposed(segment, query, positions, matched)
    owners = tuple({int(segment.owners[row]) for row in held.rows})
    return Evidence(segment, positions, features, matched, opposed, owners)


@dataclass(frozen=True)
class _DenseFound:
    columns: list[Floats]
    best_at: NDArray[np.int64]


def _dense_features(
    view: Dense,
    vector: Vectors,
    segment: Segment,
    positions: NDArray[np.int64],
    rows: Rows,
    held: Held,
    scale: Scale,
) -> _DenseFound:
    """Return the columns of `DENSE_FEATURES`, in the encoder's own scale."""
    if not len(rows.at):
        return _DenseFound([np.empty(0)] * len(DENSE_FEATURES), np.empty(0, dtype=np.int64))
    vectors = view.at(rows.at)
    similar = vectors @ vector
    best = np.maximum.reduceat(similar, rows.starts)
    is_best = np.flatnonzero(similar >= np.repeat(best, rows.counts))
    best_at = is_best[np.searchsorted(is_best, rows.starts)]
    others = similar.copy()
    others[best_at] = -1.0
    lone = best - scale.spread
    second = np.where(rows.counts > 1, np.maximum.reduceat(others, rows.starts), lone)
    norms = view.norms[positions]
    for at in np.flatnonzero(np.isin(positions, segment.owners[list(held.rows)])):
        span = slice(rows.starts[at], rows.starts[at] + rows.counts[at])
        norms[at] = np.linalg.norm(vectors[span].sum(axis=0))
    centroid = np.add.reduceat(similar, rows.starts) / np.maximum(norms, 1e-9)
    scaled = [(value - scale.mean) / scale.spread for value in (best, second, centroid)]
    toward, level = view.adapted.metric.asked(vector)
    alike = (vectors @ toward - level) / view.adapted.lengths[rows.at]
    added = _adapted_sums(view, segment, positions, held)
    scaled.append(np.maximum.reduceat(alike, rows.starts) * ADAPTED_SCALE)
    scaled.append(np.add.reduceat(alike, rows.starts) / np.maximum(added, 1e-9) * ADAPTED_SCALE)
    unrelated = scale.nearest_unrelated(vector, held.unrelated)
    scaled.append((best - unrelated) / scale.spread)
    return _DenseFound([np.asarray(value, dtype=float) for value in scaled], best_at)


def _adapted_sums(
    view: Dense, segment: Segment, positions: NDArray[np.int64], held: Held
) -> Vectors:
    """Return the lengths of the sums of the candidates' adapted vectors, without rows held out."""
    sums = view.adapted.sums[positions]
    for owner in {int(segment.owners[row]) for row in held.rows}:
        kept = [row for row in segment.rows(owner) if row not in held.rows]
        shorter = view.adapted.metric.adapt(view.at(kept)).sum(axis=0)
        sums = np.where(positions == owner, np.linalg.norm(shorter), sums)
    return sums


def _bm25_features(segment: Segment, query: Query, rows: Rows) -> list[Floats]:
    """The best phrasing's BM25 as a share of the highest that the query could reach."""
    columns = []
    for texts, weighted, wanted in (
        (segment.characters, query.characters, query.wanted[0]),
        (segment.words, query.words, query.wanted[1]),
    ):
        highest = max(wanted, 1e-9) * (K1 + 1)
        found = texts.scores(weighted, rows.at)
        best = np.maximum.reduceat(found, rows.starts) if len(rows.at) else np.empty(0)
        columns.append(best / highest)
    return columns


def _coverage_features(
    segment: Segment,
    query: Query,
    positions: NDArray[np.int64],
    matched: NDArray[np.int64],
    held: Held,
) -> list[Floats]:
    """How much of the query the entry has, of the phrasing the query has; lengths compared."""
    texts = segment.characters
    weights = texts.weighed(query.characters)
    wanted = max(query.wanted[0], 1e-9)
    rows = rows_of(segment, positions, held)
    owners, tokens = _tokens(texts, rows.at, np.repeat(np.arange(len(positions)), rows.counts))
    found = weights[tokens] > 0
    pairs = np.unique(owners[found] * len(weights) + tokens[found])
    owners, tokens = np.divmod(pairs, max(len(weights), 1))
    covered = np.bincount(owners, weights=weights[tokens], minlength=len(positions)) / wanted
    owners, tokens = _tokens(texts, matched, np.arange(len(matched)))
    has = np.bincount(owners, minlength=len(matched))
    shared = np.bincount(owners, weights=weights[tokens] > 0, minlength=len(matched))
    lengths = np.array([len(segment.forms[row]) for row in matched.tolist()], dtype=float)
    compared = np.abs(np.log((lengths + 2) / (len(query.text) + 2)))
    return [np.minimum(covered, 1.0), shared / np.maximum(has, 1), compared]


def _tokens(
    texts: Postings, rows: NDArray[np.int64], owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct tokens of each of `rows`, and to which of `owners` each belongs."""
    lengths = texts.ends[rows + 1] - texts.ends[rows]
    return np.repeat(owners, lengths), texts.tokens[spans(texts.ends[rows], lengths)].astype(int)


def _opposed(
    segment: Segment, query: Query, positions: NDArray[np.int64], matched: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell for which candidates a negative question is at least as near as every phrasing."""
    opposed = np.zeros(len(positions), dtype=bool)
    refused = segment.refused.get(query.key, ())
    view, asked = segment.dense[0], segment.of(query.vectors)[0]
    for at, position in enumerate(positions.tolist()):
        span = slice(segment.negative_starts[position], segment.negative_starts[position + 1])
        if position in refused:
            opposed[at] = True
        elif span.start < span.stop:
            nearest = float((view.negatives[span] @ asked).max())
            opposed[at] = nearest >= float(view.at(matched[at]) @ asked)
    return opposed
