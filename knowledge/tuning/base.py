"""What of a base is shown to an encoder that is tuned, and what is held out to judge it by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from embeddings.index import Document
from embeddings.text.normalise import key
from knowledge.errors import KnowledgeError

LEAST_ENTRIES = 50  # with two phrasings or more
HELD = 300  # phrasings at most
HELD_SHARE = 3  # of so many entries one is asked


class SmallBaseError(KnowledgeError):
    """There are too few phrasings to learn from."""


@dataclass(frozen=True)
class Parted:
    """`shown` are the documents without the `held` phrasings, each with the id of its own."""

    shown: tuple[Document, ...]
    held: tuple[tuple[str, int], ...]


def part(documents: Sequence[Document]) -> Parted:
    """Hold out the last phrasing of every third entry that has several.

    The standard question is never held out, nor a wording that stands in the base twice.

    Raises:
        SmallBaseError: fewer than 50 entries have two phrasings.
    """
    able = [one for one in documents if len({key(text) for text in one.phrasings}) > 1]
    if len(able) < LEAST_ENTRIES:
        raise SmallBaseError(
            f"知识库太小，还不能微调：有两条以上问法的已发布条目只有 {len(able)} 条，"
            f"至少要 {LEAST_ENTRIES} 条。请先给条目补写相似问"
        )
    counts: dict[str, int] = {}
    for text in (text for one in documents for text in one.phrasings):
        counts[key(text)] = counts.get(key(text), 0) + 1
    # Entries that keep two phrasings are asked first: they still teach something.
    usable = [one for one in able if counts[key(one.phrasings[-1])] == 1]
    usable.sort(key=lambda one: len(one.phrasings) < 3)
    chosen = usable[: max(1, min(HELD, len(able) // HELD_SHARE))]
    if len(usable) > len(chosen) and len(usable[-1].phrasings) >= 3:
        at = np.linspace(0, len(usable) - 1, len(chosen)).astype(int)
        chosen = [usable[one] for one in at]
    without = {one.id for one in chosen}
    shown = tuple(
        replace(one, phrasings=one.phrasings[:-1]) if one.id in without else one
        for one in documents
    )
    return Parted(shown, tuple((one.phrasings[-1], one.id) for one in chosen))
