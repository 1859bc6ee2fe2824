"""What unrelated text looks like to an encoder, so that a similarity can be judged by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index.segment import Segment
from embeddings.text.normalise import normalise

SAMPLE = 400
LEAST_SPREAD = 0.01
SOURCE = "out_of_scope.txt"


@dataclass(frozen=True)
class Background:
    """One encoder's measure.

    `unrelated`: vectors (n, dimension) of questions that no base answers; `own`:
    of phrasings spread over the base; `level` and `spread`: mean and standard
    deviation of the cosine between the two.
    """

    unrelated: Vectors
    own: Vectors
    level: float
    spread: float


@cache
def unrelated_questions() -> tuple[str, ...]:
    """Return the shipped questions that no hotline's base answers."""
    text = (files("embeddings.index") / "data" / SOURCE).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def unrelated_vectors(encoder: Encoder, cache: VectorCache) -> Vectors:
    """Return the vectors of `unrelated_questions`."""
    return cache.encode(encoder, [normalise(text) for text in unrelated_questions()])


def measure(
    segments: Sequence[Segment], unrelated: Sequence[Vectors]
) -> tuple[Background, ...]:
    """Return each encoder's background, from a sample spread evenly over all segments."""
    measured = []
    for at, vectors in enumerate(unrelated):
        own = _spread_over([segment.dense[at].vectors for segment in segments], vectors.shape[1])
        cosines = own @ vectors.T if len(own) else vectors @ vectors.T
        spread = max(float(cosines.std()), LEAST_SPREAD)
        measured.append(Background(vectors, own, float(cosines.mean()), spread))
    return tuple(measured)


def _spread_over(parts: Sequence[Vectors], dimension: int) -> Vectors:
    total = sum(len(part) for part in parts)
    if not total:
        return np.empty((0, dimension), dtype=np.float32)
    wanted = np.unique(np.linspace(0, total - 1, min(total, SAMPLE)).astype(np.int64))
    chosen, start = [], 0
    for part in parts:
        inside = wanted[(wanted >= start) & (wanted < start + len(part))] - start
        chosen.append(part[inside])
        start += len(part)
    return np.concatenate(chosen)
