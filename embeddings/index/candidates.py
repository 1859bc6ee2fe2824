"""Which documents of a segment are worth a closer look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoders.interface import Vectors
from embeddings.index import dense
from embeddings.index.query import Query
from embeddings.index.segment import Part, Positions, Segment

NEAREST = 96
LEXICAL = 48

Visible = Callable[[int], bool]


@dataclass(frozen=True)
class Held:
    """Rows of phrasings and one document that are left out, to see how the rest fares."""

    rows: frozenset[int] = frozenset()
    document: int | None = None


@dataclass(frozen=True)
class Rows:
    """Phrasings of the candidates: those of number c are `at[starts[c]:starts[c] + counts[c]]`."""

    at: Positions
    starts: Positions
    counts: Positions


def find(  # noqa: PLR0913 - what is asked, of what, and what is left out
    part: Part,
    query: Query,
    lexical_scores: Sequence[Vectors],
    wanted: int,
    visible: Visible | None,
    held: Held,
) -> Positions:
    """Return positions of documents that some retriever puts in front.

    Where most of what is found may not be shown, it looks on until `wanted`
    documents are found or nothing is left.
    """
    depth = 1
    while True:
        positions = _in_front(part.segment, query, lexical_scores, depth, held)
        kept = _allowed(part, positions, visible, held)
        everything = depth * NEAREST >= len(part.segment.texts)
        if len(kept) >= wanted or everything:
            return kept
        depth *= 8


def phrasing_rows(segment: Segment, positions: Positions, held: Held) -> Rows:
    """Return the phrasing rows of the candidates, without those held out."""
    lengths = segment.starts[positions + 1] - segment.starts[positions]
    owners = np.repeat(np.arange(len(positions)), lengths)
    offsets = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    rows = np.repeat(segment.starts[positions], lengths) + offsets
    if held.rows:
        kept = ~np.isin(rows, list(held.rows))
        rows, owners = rows[kept], owners[kept]
    counts = np.bincount(owners, minlength=len(positions))
    return Rows(rows, np.cumsum(counts) - counts, counts)


def _in_front(
    segment: Segment, query: Query, lexical_scores: Sequence[Vectors], depth: int, held: Held
) -> Positions:
    rows = [
        dense.nearest(view.index, vector, NEAREST * depth)
        for view, vector in zip(segment.dense, query.vectors, strict=True)
    ]
    rows += [_highest(scores, LEXICAL * depth) for scores in lexical_scores]
    found = np.concatenate(rows)
    if held.rows:
        found = found[~np.isin(found, list(held.rows))]
    exact = np.array(segment.exact.get(query.key, ()), dtype=np.int64)
    return np.unique(np.concatenate([segment.owners[found], exact]))


def _highest(scores: Vectors, count: int) -> Positions:
    if len(scores) <= count:
        return np.flatnonzero(scores > 0)
    found = np.argpartition(scores, -count)[-count:]
    return found[scores[found] > 0]


def _allowed(part: Part, positions: Positions, visible: Visible | None, held: Held) -> Positions:
    documents = part.segment.documents
    hidden = set(part.dead)
    if held.document is not None:
        hidden.add(held.document)
    kept = [
        at
        for at in positions.tolist()
        if at not in hidden and (visible is None or visible(documents[at].id))
    ]
    return np.array(kept, dtype=np.int64)
