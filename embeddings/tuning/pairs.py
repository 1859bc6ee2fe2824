"""Which phrasings are shown together: pairs of one entry, no twins in a batch."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

Alike = Callable[[int, Sequence[int]], bool]

LOOKED_AT = 4  # batches' worth of entries looked at for one batch, before it stays smaller


@dataclass(frozen=True)
class Pair:
    """Two phrasings of entry number `owner`."""

    anchor: str
    positive: str
    owner: int


def batches(
    entries: Sequence[Sequence[str]], alike: Alike, size: int, count: int, seed: int = 7
) -> Iterator[list[Pair]]:
    """Yield `count` batches of at most `size` pairs, the entries by turns.

    In a batch every other pair is a negative, so `alike(entry, others)` keeps out of it
    what asks the same. Entries with fewer than two different phrasings teach nothing.
    """
    chance = np.random.default_rng(seed)
    able = [at for at, phrasings in enumerate(entries) if len(set(phrasings)) > 1]
    waiting: list[int] = []
    for _ in range(count if len(able) > 1 else 0):
        batch: list[Pair] = []
        aside: list[int] = []
        taken: list[int] = []
        while len(batch) < size and len(aside) < LOOKED_AT * size:
            if not waiting:
                if len(taken) + len(set(aside)) >= len(able):
                    break
                waiting = chance.permutation(able).tolist()
            entry = waiting.pop()
            if entry in taken or alike(entry, taken):
                aside.append(entry)
                continue
            taken.append(entry)
            different = list(dict.fromkeys(entries[entry]))
            first, second = chance.choice(len(different), 2, replace=False)
            batch.append(Pair(different[first], different[second], entry))
        waiting += list(dict.fromkeys(aside))
        yield batch
