"""What speaks for each candidate document: the features that the ranker weighs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Vectors
from embeddings.index.background import Background
from embeddings.index.candidates import Held, Rows, Visible, find, phrasing_rows
from embeddings.index.lexical import K1
from embeddings.index.query import Query
from embeddings.index.segment import Dense, Part, Positions, Segment
from embeddings.text import segment as tokens

CANDIDATES = 64
LEAST_SPREAD = 0.01

DENSE_FEATURES = ("cosine", "best", "second", "centroid", "unrelated")
LEXICAL_FEATURES = ("characters", "words", "entry_coverage", "phrasing_coverage", "length")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """Candidates with their features.

    `parts` and `positions` say which documents; `features`: (candidates, features)
    in the order of `names`; `matched`: the row of the phrasing nearest to the
    query; `opposed`: a negative question is as near as every phrasing; `exact`
    and `refused`: a phrasing, or a negative question, is the query itself.
    """

    parts: Positions
    positions: Positions
    features: Floats
    matched: Positions
    opposed: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    refused: NDArray[np.bool_]


def names(encoders: int) -> list[str]:
    """Return the features' names for so many encoders."""
    found = [f"{name}_{at + 1}" for at in range(encoders) for name in DENSE_FEATURES]
    return [*found, *LEXICAL_FEATURES]


def gather(  # noqa: PLR0913 - what is asked, of what, and what is left out
    parts: Sequence[Part],
    backgrounds: Sequence[Background],
    query: Query,
    wanted: int = 1,
    visible: Visible | None = None,
    held: Held | None = None,
) -> Evidence:
    """Find candidates and gather what speaks for them; `held` counts for the first part."""
    levels = [_levels(one, query.vectors[at]) for at, one in enumerate(backgrounds)]
    found = [
        _of_part(number, part, query, levels, wanted, visible, held if number == 0 else None)
        for number, part in enumerate(parts)
    ]
    return Evidence(
        *(
            np.concatenate([getattr(one, field) for one in found])
            for field in Evidence.__dataclass_fields__
        )
    )


@dataclass(frozen=True)
class _Levels:
    """Where unrelated text stands for one query and one encoder."""

    level: float
    spread: float
    own_mean: float
    own_spread: float
    unrelated: float


def _levels(background: Background, vector: Vectors) -> _Levels:
    unrelated = background.unrelated @ vector
    nearest = float(np.partition(unrelated, -3)[-3:].mean())
    own_mean, own_spread = background.level, background.spread
    if len(background.own):
        own = background.own @ vector
        own_mean, own_spread = float(own.mean()), max(float(own.std()), LEAST_SPREAD)
    return _Levels(background.level, background.spread, own_mean, own_spread, nearest)


def _of_part(  # noqa: PLR0913
    number: int,
    part: Part,
    query: Query,
    levels: Sequence[_Levels],
    wanted: int,
    visible: Visible | None,
    held: Held | None,
) -> Evidence:
    segment, held = part.segment, held or Held()
    scores = (segment.characters.scores(query.characters), segment.words.scores(query.words))
    positions = find(part, query, scores, wanted, visible, held)
    rows = phrasing_rows(segment, positions, held)
    if not rows.counts.all():
        positions = positions[rows.counts > 0]
        rows = phrasing_rows(segment, positions, held)
    columns: list[Floats] = []
    nearest: list[Positions] = []
    for at, (view, level) in enumerate(zip(segment.dense, levels, strict=True)):
        values, best_at = _dense_features(view, query.vectors[at], level, segment, positions, rows, held)
        columns += values
        nearest.append(rows.at[best_at])
    columns += _bm25_features(query, scores, rows)
    matched = nearest[0]
    kept = _foremost(columns, len(levels))
    positions, matched = positions[kept], matched[kept]
    columns = [column[kept] for column in columns]
    columns += _coverage_features(segment, query, positions, matched, held)
    return Evidence(
        np.full(len(positions), number),
        positions,
        np.column_stack(columns),
        matched,
        _opposed(segment, query, positions, matched),
        np.isin(positions, () if held.rows else segment.exact.get(query.key, ())),
        np.isin(positions, segment.refused.get(query.key, ())),
    )


def _foremost(columns: Sequence[Floats], encoders: int) -> Positions:
    """Return the candidates that deserve the dearer features."""
    width = len(DENSE_FEATURES)
    quick = sum(columns[at * width + 1] + columns[at * width + 3] for at in range(encoders))
    quick = quick + 6 * columns[encoders * width]
    return np.argsort(-quick, kind="stable")[:CANDIDATES]


def _dense_features(  # noqa: PLR0913
    view: Dense,
    vector: Vectors,
    level: _Levels,
    segment: Segment,
    positions: Positions,
    rows: Rows,
    held: Held,
) -> tuple[list[Floats], Positions]:
    """Return the columns of `DENSE_FEATURES`, and for each candidate its best of `rows.at`."""
    if not len(rows.at):
        return [np.empty(0)] * len(DENSE_FEATURES), np.empty(0, dtype=np.int64)
    similar = (view.vectors[rows.at] @ vector).astype(float)
    best = np.maximum.reduceat(similar, rows.starts)
    is_best = np.flatnonzero(similar >= np.repeat(best, rows.counts))
    best_at = is_best[np.searchsorted(is_best, rows.starts)]
    others = similar.copy()
    others[best_at] = -1.0
    second = np.maximum.reduceat(others, rows.starts)
    second = np.where(rows.counts > 1, second, best - level.own_spread)
    sums = view.sums[positions].copy()
    for row in held.rows:
        sums[positions == segment.owners[row]] -= view.vectors[row]
    centroid = (sums @ vector) / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
    scaled = [(value - level.own_mean) / level.own_spread for value in (best, second, centroid)]
    cosine = (best - level.level) / level.spread
    unrelated = (best - level.unrelated) / level.spread
    return [cosine, *scaled, unrelated], best_at


def _bm25_features(query: Query, scores: Sequence[Vectors], rows: Rows) -> list[Floats]:
    """The best phrasing's BM25 as a share of the highest that the query could reach."""
    columns = []
    for found, weighted in zip(scores, (query.characters, query.words), strict=True):
        highest = max(sum(weighted.values()), 1e-9) * (K1 + 1)
        best = np.maximum.reduceat(found[rows.at], rows.starts) if len(rows.at) else np.empty(0)
        columns.append(best.astype(float) / highest)
    return columns


def _coverage_features(
    segment: Segment, query: Query, positions: Positions, matched: Positions, held: Held
) -> list[Floats]:
    """How much of the query the entry has, of the phrasing the query has; lengths compared."""
    wanted = max(sum(query.characters.values()), 1e-9)
    covered, shared, lengths = [], [], []
    for position, row in zip(positions.tolist(), matched.tolist(), strict=True):
        span = range(int(segment.starts[position]), int(segment.starts[position + 1]))
        own = {
            token
            for at in span
            if at not in held.rows
            for token in query.characters.keys() & tokens.character_set(segment.forms[at])
        }
        covered.append(sum(query.characters[token] for token in own))
        phrasing = segment.forms[row]
        has = tokens.character_set(phrasing)
        shared.append(len(has & query.characters.keys()) / max(len(has), 1))
        lengths.append(abs(np.log((len(phrasing) + 2) / (len(query.text) + 2))))
    return [np.array(covered, dtype=float) / wanted, np.array(shared), np.array(lengths)]


def _opposed(
    segment: Segment, query: Query, positions: Positions, matched: Positions
) -> NDArray[np.bool_]:
    """Tell for which candidates a negative question is at least as near as every phrasing."""
    opposed = np.zeros(len(positions), dtype=bool)
    view = segment.dense[0]
    for at, position in enumerate(positions.tolist()):
        span = slice(segment.negative_starts[position], segment.negative_starts[position + 1])
        if span.start < span.stop:
            nearest = float((view.negatives[span] @ query.vectors[0]).max())
            opposed[at] = nearest >= float(view.vectors[matched[at]] @ query.vectors[0])
    return opposed
