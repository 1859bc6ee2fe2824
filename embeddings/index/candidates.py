"""Which documents are looked at closely, and which rows are theirs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.index import dense
from embeddings.index.lexical import spans
from embeddings.index.query import Query
from embeddings.index.segment import Segment

NEAREST = 96
LEXICAL = 48

Visible = Callable[[int], bool]


@dataclass(frozen=True)
class Held:
    """What is left out to see how the rest fares.

    Rows of phrasings, one document, one of the shipped unrelated questions.
    """

    rows: frozenset[int] = frozenset()
    document: int | None = None
    unrelated: int | None = None


@dataclass(frozen=True)
class Rows:
    """Phrasing rows of the candidates: `at[starts[c]:starts[c] + counts[c]]` are candidate c's."""

    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]


def find(segment: Segment, query: Query, held: Held) -> NDArray[np.int64]:
    """Return positions of documents that some retriever puts in front."""
    rows = [
        dense.nearest(view.index, vector, NEAREST)
        for view, vector in zip(segment.dense, segment.of(query.vectors), strict=True)
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


def rows_of(segment: Segment, positions: NDArray[np.int64], held: Held) -> Rows:
    """Return the phrasing rows of the candidates, without those held out."""
    lengths = segment.starts[positions + 1] - segment.starts[positions]
    owners = np.repeat(np.arange(len(positions)), lengths)
    rows = spans(segment.starts[positions], lengths)
    if held.rows:
        kept = ~np.isin(rows, list(held.rows))
        rows, owners = rows[kept], owners[kept]
    counts = np.bincount(owners, minlength=len(positions))
    return Rows(rows, np.cumsum(counts) - counts, counts)
