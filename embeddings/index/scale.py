"""What a cosine means: unrelated texts score 0.8 with one model, 0.1 with another."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.text.normalise import normalise

NEAREST = 3
QUESTIONS = Path(__file__).with_name("out_of_scope.txt")


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of the cosine between unrelated questions, and these.

    `unrelated`: float32 (questions, dimension), what no base answers.
    """

    mean: float
    spread: float
    unrelated: Vectors = field(repr=False)

    def nearest_unrelated(self, vector: Vectors, aside: int | None = None) -> float:
        """Return the mean cosine of the questions nearest to `vector`, without `aside`."""
        cosines = self.unrelated @ vector
        if aside is not None:
            cosines[aside] = -1.0
        return float(np.partition(cosines, -NEAREST)[-NEAREST:].mean())


@lru_cache(maxsize=1)
def out_of_scope() -> tuple[str, ...]:
    """Return questions of many kinds that no hotline's base answers; written for this project."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def measure(encoder: Encoder, cache: VectorCache) -> Scale:
    """Measure the encoder on pairs of unrelated questions."""
    vectors = cache.encode(encoder, [normalise(text) for text in out_of_scope()])
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), k=1)]
    return Scale(float(cosines.mean()), max(float(cosines.std()), 1e-3), vectors)
