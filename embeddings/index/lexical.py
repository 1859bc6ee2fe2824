"""BM25 over postings in numpy arrays; several indexes can share their statistics.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the idf of Lucene, ln(1 + (N - df + 0.5) / (df + 0.5)), never negative.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.5
ALTERNATIVE = 0.5  # what another word for the same is worth

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Postings:
    """An inverted index of texts that never change.

    `rows[starts[t]:starts[t + 1]]` are the texts with token `t`, `weights` their
    term frequencies after BM25's saturation and length normalisation.
    `tokens[ends[i]:ends[i + 1]]` are the distinct tokens of text i: the way back.
    """

    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    rows: Rows
    weights: Floats
    size: int
    ends: NDArray[np.int64]
    tokens: Rows

    def frequency(self, token: str) -> int:
        """Return in how many texts `token` stands."""
        at = self.vocabulary.get(token)
        return 0 if at is None else int(self.starts[at + 1] - self.starts[at])

    def weighed(self, weighted: dict[str, float]) -> NDArray[np.float64]:
        """Return each token's weight in `weighted`, (vocabulary,); 0 for all others."""
        weights = np.zeros(len(self.vocabulary))
        for token, weight in weighted.items():
            at = self.vocabulary.get(token)
            if at is not None:
                weights[at] = weight
        return weights

    def scores(self, weighted: dict[str, float]) -> Floats:
        """Return every text's sum of `weighted[token]` times its term weight, (size,)."""
        total = np.zeros(self.size, dtype=np.float32)
        for token, weight in weighted.items():
            at = self.vocabulary.get(token)
            if at is not None:
                span = slice(self.starts[at], self.starts[at + 1])
                total[self.rows[span]] += np.float32(weight) * self.weights[span]
        return total


def build(texts: Sequence[Sequence[str]]) -> Postings:
    """Index token lists; row i is `texts[i]`."""
    vocabulary: dict[str, int] = {}
    rows: list[list[int]] = []
    counts: list[list[int]] = []
    distinct = [Counter(tokens) for tokens in texts]
    for row, counted in enumerate(distinct):
        for token, count in counted.items():
            at = vocabulary.setdefault(token, len(vocabulary))
            if at == len(rows):
                rows.append([])
                counts.append([])
            rows[at].append(row)
            counts[at].append(count)
    lengths = np.array([len(tokens) for tokens in texts], dtype=np.float32)
    mean = float(lengths.mean()) if len(texts) and lengths.any() else 1.0
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(found) for found in rows], out=starts[1:])
    flat = np.fromiter((row for found in rows for row in found), np.int32, int(starts[-1]))
    tf = np.fromiter((count for found in counts for count in found), np.float32, int(starts[-1]))
    norm = K1 * (1 - B + B * lengths[flat] / mean)
    weights = (tf * (K1 + 1) / (tf + norm)).astype(np.float32)
    ends = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(counted) for counted in distinct], out=ends[1:])
    back = np.fromiter(
        (vocabulary[token] for counted in distinct for token in counted), np.int32, int(ends[-1])
    )
    return Postings(vocabulary, starts, flat, weights, len(texts), ends, back)


def idf(tokens: Sequence[str], parts: Sequence[Postings]) -> dict[str, float]:
    """Return each distinct token's inverse document frequency over all `parts`."""
    size = sum(part.size for part in parts)
    weights = {}
    for token in dict.fromkeys(tokens):
        frequency = sum(part.frequency(token) for part in parts)
        weights[token] = float(np.log1p((size - frequency + 0.5) / (frequency + 0.5)))
    return weights


def alternatives(
    weights: dict[str, float], variants: Sequence[Sequence[str]], parts: Sequence[Postings]
) -> dict[str, float]:
    """Weigh the tokens that a query's variants have and the query itself has not.

    What is new in a variant is worth at most `ALTERNATIVE` of what the variant lacks: a text
    that says it in other words comes near to one that says it in the query's, never beyond.

    Args:
        weights: the query's own tokens with their idf.
        variants: the tokens of the query in other words.
    """
    added: dict[str, float] = {}
    for variant in map(set, variants):
        fresh = idf(sorted(variant - weights.keys()), parts)
        lost = sum(weight for token, weight in weights.items() if token not in variant)
        share = ALTERNATIVE * min(1.0, lost / max(sum(fresh.values()), 1e-9))
        for token, weight in fresh.items():
            added[token] = max(added.get(token, 0.0), share * weight)
    return added
