"""What speaks for each candidate document: the features that the ranker weighs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index import dense
from embeddings.index.lexical import K1, Postings, spans
from embeddings.index.query import Query
from embeddings.index.scale import Scale
from embeddings.index.segment import Dense, Segment

NEAREST = 96
LEXICAL = 48
CANDIDATES = 32

DENSE_FEATURES = ("best", "second", "centroid")
LEXICAL_FEATURES = ("characters", "words", "entry_coverage", "phrasing_coverage", "length")

Floats = NDArray[np.float64]
Visible = Callable[[int], bool]


@dataclass(frozen=True)
class Held:
    """Rows of phrasings and one document that are left out, to see how the rest fares."""

    rows: frozenset[int] = frozenset()
    document: int | None = None


@dataclass(frozen=True)
class Evidence:
    """Candidates with their features.

    `features`: (candidates, features), in the order of `names`; `matched` is the
    row of the phrasing nearest to the query; `opposed` tells that a negative
    question is nearer than any phrasing.
    """

    segment: Segment
    positions: NDArray[np.int64]
    features: Floats
    matched: NDArray[np.int64]
    opposed: NDArray[np.bool_]


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
    positions = _candidates(segment, query, held)
    if visible is not None:
        ids = segment.ids[positions].tolist()
        positions = positions[np.fromiter(map(visible, ids), bool, len(ids))]
    rows = _rows(segment, positions, held)
    positions = positions[rows.counts > 0]
    rows = _rows(segment, positions, held)
    found = [
        _dense_features(view, query.vectors[at], segment, positions, rows, held, scales[at])
        for at, view in enumerate(segment.dense)
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
    return Evidence(
        segment, positions, features, matched, _opposed(segment, query, positions, matched)
    )


@dataclass(frozen=True)
class _Rows:
    """Phrasing rows of the candidates: `at[starts[c]:starts[c] + counts[c]]` are candidate c's."""

    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class _DenseFound:
    columns: list[Floats]
    best_at: NDArray[np.int64]


def _candidates(segment: Segment, query: Query, held: Held) -> NDArray[np.int64]:
    """Return positions of documents that some retriever puts in front."""
    rows = [
        dense.nearest(view.index, query.vectors[at], NEAREST)
        for at, view in enumerate(segment.dense)
    ]
    rows.append(segment.characters.top(query.characters, LEXICAL))
    rows.append(segment.words.top(query.words, LEXICAL))
    found = np.concatenate(rows)
    if held.rows:
        found = found[~np.isin(found, list(held.rows))]
    positions = np.unique(segment.owners[found])
    if held.document is not None:
        positions = positions[positions != held.document]
    return positions


def _rows(segment: Segment, positions: NDArray[np.int64], held: Held) -> _Rows:
    """Return the phrasing rows of the candidates, without those held out."""
    lengths = segment.starts[positions + 1] - segment.starts[positions]
    owners = np.repeat(np.arange(len(positions)), lengths)
    rows = spans(segment.starts[positions], lengths)
    if held.rows:
        kept = ~np.isin(rows, list(held.rows))
        rows, owners = rows[kept], owners[kept]
    counts = np.bincount(owners, minlength=len(positions))
    return _Rows(rows, np.cumsum(counts) - counts, counts)


def _dense_features(
    view: Dense,
    vector: Vectors,
    segment: Segment,
    positions: NDArray[np.int64],
    rows: _Rows,
    held: Held,
    scale: Scale,
) -> _DenseFound:
    """Best and second-best phrasing and centroid, in the encoder's own scale."""
    if not len(rows.at):
        return _DenseFound([np.empty(0)] * 3, np.empty(0, dtype=np.int64))
    similar = view.at(rows.at) @ vector
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
        norms[at] = np.linalg.norm(view.at(rows.at[span]).sum(axis=0))
    centroid = np.add.reduceat(similar, rows.starts) / np.maximum(norms, 1e-9)
    scaled = [(value - scale.mean) / scale.spread for value in (best, second, centroid)]
    return _DenseFound([np.asarray(value, dtype=float) for value in scaled], best_at)


def _bm25_features(segment: Segment, query: Query, rows: _Rows) -> list[Floats]:
    """The best phrasing's BM25 as a share of the highest that the query could reach."""
    columns = []
    for texts, weighted in (
        (segment.characters, query.characters),
        (segment.words, query.words),
    ):
        highest = max(sum(weighted.values()), 1e-9) * (K1 + 1)
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
    wanted = max(sum(query.characters.values()), 1e-9)
    rows = _rows(segment, positions, held)
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
    return [covered, shared / np.maximum(has, 1), compared]


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
    view = segment.dense[0]
    for at, position in enumerate(positions.tolist()):
        span = slice(segment.negative_starts[position], segment.negative_starts[position + 1])
        if position in refused:
            opposed[at] = True
        elif span.start < span.stop:
            nearest = float((view.negatives[span] @ query.vectors[0]).max())
            opposed[at] = nearest >= float(view.at(matched[at]) @ query.vectors[0])
    return opposed
