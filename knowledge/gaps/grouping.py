"""Texts that mean the same find together; nothing here knows a database.

Average linkage: two groups are as alike as their members are on average, which for vectors
is the product of the groups' mean vectors.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# Of the evaluation data's paraphrases 0.3 finds most pairs, but then questions that only share a
# place go together; one question too few is mended by merging, one too many leads staff astray.
ALIKE = 0.42
PORTION = 3000  # texts clustered at once: the distances take 70 MB


@dataclass
class Group:
    """A group while it grows: the numbers of its texts, and the sum of their vectors."""

    id: int | None
    members: list[int] = field(default_factory=list)
    total: Vectors | None = None

    def add(self, at: int, vector: Vectors) -> None:
        """Take a text in."""
        self.members.append(at)
        self.total = vector.copy() if self.total is None else self.total + vector

    @property
    def mean(self) -> Vectors:
        """The mean of its members' vectors, (dimension,)."""
        assert self.total is not None  # noqa: S101 - a group is made with its first member
        mean: Vectors = self.total / np.float32(len(self.members))
        return mean


def grow(groups: list[Group], vectors: Vectors, fresh: Sequence[int]) -> list[Group]:
    """Put the texts `fresh` (rows of `vectors`) into the groups like them, or into new ones.

    Args:
        groups: those that there are; they grow.
        vectors: float32 (texts, dimension), of length 1.

    Returns:
        The new groups.
    """
    made: list[Group] = []
    for start in range(0, len(fresh), PORTION):
        rest = _join([*groups, *made], vectors, fresh[start : start + PORTION])
        made += _cluster(vectors, rest)
    return made


def central(vectors: Vectors, members: Sequence[int], times: Sequence[int]) -> int:
    """Return which of `members` stands nearest to all, those asked often counting as often."""
    rows = vectors[list(members)]
    toward = (rows * np.asarray(times, dtype=np.float32)[:, None]).sum(axis=0)
    return members[int(np.argmax(rows @ toward))]


def inherit(made: Iterable[Group], before: dict[int, set[int]]) -> None:
    """Give new groups the ids of the old ones (id: members) with which they share the most.

    An id goes to one group only: the largest overlap first.
    """
    made = list(made)
    owner = {member: old for old, members in before.items() for member in members}
    shared = [
        (count, -old, at)
        for at, group in enumerate(made)
        for old, count in Counter(owner[one] for one in group.members if one in owner).items()
    ]
    given: set[int] = set()
    for _, old, at in sorted(shared, reverse=True):
        if made[at].id is None and -old not in given:
            made[at].id = -old
            given.add(-old)


def _join(groups: Sequence[Group], vectors: Vectors, fresh: Sequence[int]) -> list[int]:
    """Add texts to the group most like each, if it is like enough; returns the others."""
    if not groups or not fresh:
        return list(fresh)
    means = np.stack([group.mean for group in groups])
    likeness = vectors[list(fresh)] @ means.T
    nearest = likeness.argmax(axis=1)
    rest = []
    for row, at in enumerate(fresh):
        if likeness[row, nearest[row]] >= ALIKE:
            groups[int(nearest[row])].add(at, vectors[at])
        else:
            rest.append(at)
    return rest


def _cluster(vectors: Vectors, texts: Sequence[int]) -> list[Group]:
    if len(texts) == 1:
        return [_group(vectors, texts)]
    if not texts:
        return []
    from sklearn.cluster import AgglomerativeClustering  # takes a second to import

    rows = vectors[list(texts)]
    clustering = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - ALIKE, metric="precomputed", linkage="average"
    )
    labels = clustering.fit_predict(np.clip(1 - rows @ rows.T, 0, 2))
    members: dict[int, list[int]] = {}
    for at, label in zip(texts, labels.tolist(), strict=True):
        members.setdefault(label, []).append(at)
    return [_group(vectors, one) for one in members.values()]


def _group(vectors: Vectors, members: Sequence[int]) -> Group:
    group = Group(None)
    for at in members:
        group.add(at, vectors[at])
    return group
