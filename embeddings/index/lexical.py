"""BM25 over postings in numpy arrays; several indexes can share their statistics.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the idf of Lucene, ln(1 + (N - df + 0.5) / (df + 0.5)), never negative.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from embeddings.index.texts import Hashes, digest, digests

K1 = 1.2
B = 0.5
ALTERNATIVE = 0.5  # what another word for the same is worth
READ = 16_384  # postings that one search reads, of its rarest tokens …
READ_SHARE = 1 / 8  # … or so many for each text, if that is more
KEPT_SHARE = 1 / 2  # of what is read: postings kept of one token, the heaviest
STEPS = 1_024
PORTION = 1 << 22

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Postings:
    """An inverted index of texts that never change, and the way back from a text to its tokens.

    A token's number is the place of its hash in `hashes`; `frequencies` tells in
    how many texts it stands. `rows[starts[t]:starts[t + 1]]` are the texts with token
    t, at most `kept`, `weights` their term weights (frequencies after BM25's
    saturation and length normalisation). `tokens[ends[i]:ends[i + 1]]` are the
    distinct tokens of text i, `held` their term weights.
    """

    hashes: Hashes
    frequencies: Rows
    starts: Ints
    rows: Rows
    weights: Floats
    ends: Ints
    tokens: Rows
    held: Floats

    @property
    def size(self) -> int:
        """How many texts there are."""
        return len(self.ends) - 1

    def numbers(self, tokens: Iterable[str]) -> Ints:
        """Return the tokens' numbers, -1 for those that no text has."""
        wanted = np.fromiter(map(digest, tokens), np.uint64)
        if not len(self.hashes):
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[at] == wanted, at, -1)

    def frequency(self, tokens: Iterable[str]) -> Ints:
        """Return in how many texts each token stands."""
        numbers = self.numbers(tokens)
        if not len(self.hashes):
            return np.zeros(len(numbers), dtype=np.int64)
        return np.where(numbers >= 0, self.frequencies[numbers], 0).astype(np.int64)

    def weighed(self, weighted: dict[str, float]) -> NDArray[np.float64]:
        """Return each token's weight in `weighted`, (vocabulary,); 0 for all others."""
        weights = np.zeros(len(self.hashes), dtype=np.float64)
        numbers = self.numbers(weighted)
        values = np.fromiter(weighted.values(), np.float64, len(weighted))
        weights[numbers[numbers >= 0]] = values[numbers >= 0]
        return weights

    def scores(self, weighted: dict[str, float], rows: Ints) -> NDArray[np.float64]:
        """Return the sum of `weighted[token]` times term weight for each of `rows`, (rows,)."""
        lengths = self.ends[rows + 1] - self.ends[rows]
        at = spans(self.ends[rows], lengths)
        owners = np.repeat(np.arange(len(rows)), lengths)
        values = self.weighed(weighted)[self.tokens[at]] * self.held[at]
        return np.asarray(np.bincount(owners, values, len(rows)), dtype=np.float64)

    def top(self, weighted: dict[str, float], count: int) -> Ints:
        """Return about `count` rows with the highest scores above zero, in no order.

        Exact while the tokens have no more than `read` postings together; beyond
        that the most frequent tokens are left out, whose idf is the lowest.
        """
        numbers = self.numbers(weighted)
        weights = np.fromiter(weighted.values(), np.float32, len(weighted))[numbers >= 0]
        numbers = numbers[numbers >= 0]
        lengths = self.starts[numbers + 1] - self.starts[numbers]
        order = np.argsort(lengths, kind="stable")
        order = order[np.cumsum(lengths[order]) <= read(self.size)]
        at = spans(self.starts[numbers[order]], lengths[order])
        rows = self.rows[at]
        total = np.zeros(self.size, dtype=np.float32)
        np.add.at(total, rows, np.repeat(weights[order], lengths[order]) * self.weights[at])
        return _heaviest(total, rows, count)


def read(size: int) -> int:
    """Return how many postings a search reads of an index of `size` texts."""
    return max(READ, int(READ_SHARE * size))


def _heaviest(total: Floats, rows: Rows, count: int) -> Ints:
    """Return the `count` distinct `rows` with the highest total; a row may stand there often.

    Partitioning is slow where many scores are equal, as they are here: a histogram
    first leaves few.
    """
    scores = total[rows]
    highest = scores.max(initial=0.0)
    if highest <= 0:
        return np.empty(0, dtype=np.int64)
    steps = (scores * (STEPS / highest)).astype(np.int32)
    above = np.cumsum(np.bincount(steps, minlength=STEPS + 1)[::-1])[::-1]
    looked_at, found = 2 * count, np.empty(0, dtype=np.int32)
    while len(found) < count:
        least = max(int(np.searchsorted(-above, -looked_at, "right")) - 1, 0)
        found = np.unique(rows[steps >= least])
        if least == 0:
            break
        looked_at *= 4
    found = found[total[found] > 0]
    if len(found) > count:
        found = found[np.argpartition(total[found], -count)[-count:]]
    return found.astype(np.int64)


def build(texts: Iterable[Sequence[str]]) -> Postings:
    """Index token lists; row i is the i-th."""
    vocabulary: dict[str, int] = defaultdict(count().__next__)
    flat, lengths = array("i"), array("i")
    for text in texts:
        flat.extend([vocabulary[token] for token in text])
        lengths.append(len(text))
    hashes, numbers = np.unique(digests(vocabulary), return_inverse=True)
    tokens = numbers.astype(np.int32)[np.frombuffer(flat, np.int32)]
    return _postings(hashes, tokens, np.frombuffer(lengths, np.int32))


def _postings(hashes: Hashes, tokens: Rows, lengths: Rows) -> Postings:
    """Count each text's tokens, weigh them, and turn the table around."""
    mean = float(lengths.mean(dtype=float)) if len(lengths) and lengths.any() else 1.0
    size = max(len(hashes), 1)
    bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    counts = np.zeros(len(lengths), dtype=np.int64)
    distinct: list[Rows] = []
    held: list[Floats] = []
    first = 0
    while first < len(lengths):
        last = max(int(np.searchsorted(bounds, bounds[first] + PORTION, "right")) - 1, first + 1)
        owners = np.repeat(np.arange(first, last), lengths[first:last])
        pairs, tf = np.unique(
            owners * size + tokens[bounds[first] : bounds[last]], return_counts=True
        )
        owners, found = np.divmod(pairs, size)
        counts[first:last] = np.bincount(owners - first, minlength=last - first)
        norm = K1 * (1 - B + B * lengths[owners].astype(np.float32) / np.float32(mean))
        frequency = tf.astype(np.float32)
        distinct.append(found.astype(np.int32))
        held.append((frequency * (K1 + 1) / (frequency + norm)).astype(np.float32))
        first = last
    ends = np.concatenate([[0], np.cumsum(counts)])
    back = np.concatenate(distinct) if distinct else np.empty(0, np.int32)
    weights = np.concatenate(held) if held else np.empty(0, np.float32)
    return Postings(hashes, *_inverted(len(hashes), ends, back, weights), ends, back, weights)


def _inverted(
    vocabulary: int, ends: Ints, tokens: Rows, weights: Floats
) -> tuple[Rows, Ints, Rows, Floats]:
    """Return frequencies, starts, rows and weights by token; of frequent ones the heaviest."""
    order = np.argsort(tokens, kind="stable")
    rows = np.repeat(np.arange(len(ends) - 1, dtype=np.int32), np.diff(ends))[order]
    weights = weights[order]
    frequencies = np.bincount(tokens, minlength=vocabulary)
    starts = np.concatenate([[0], np.cumsum(frequencies)])
    kept, most = np.ones(len(rows), dtype=bool), int(KEPT_SHARE * read(len(ends) - 1))
    for token in np.flatnonzero(frequencies > most).tolist():
        span = slice(starts[token], starts[token + 1])
        light = np.argpartition(-weights[span], most)[most:]
        kept[starts[token] + light] = False
    lengths = np.minimum(frequencies, most)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return frequencies.astype(np.int32), starts, rows[kept], weights[kept]


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Return the numbers from each start on, as many as its length, one after the other."""
    before = np.cumsum(lengths) - lengths
    found: Ints = np.repeat(starts - before, lengths) + np.arange(lengths.sum())
    return found


def idf(tokens: Sequence[str], parts: Sequence[Postings]) -> dict[str, float]:
    """Return each distinct token's inverse document frequency over all `parts`."""
    distinct = list(dict.fromkeys(tokens))
    size = sum(part.size for part in parts)
    frequency = sum((part.frequency(distinct) for part in parts), np.zeros(len(distinct)))
    weights = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
    return dict(zip(distinct, weights.tolist(), strict=True))


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
