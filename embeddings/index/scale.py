"""What a cosine means: unrelated texts score 0.8 with one model, 0.1 with another."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.text.normalise import normalise

QUESTIONS = Path(__file__).with_name("out_of_scope.txt")


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of the cosine between unrelated questions."""

    mean: float
    spread: float


@lru_cache(maxsize=1)
def out_of_scope() -> tuple[str, ...]:
    """Return questions of many kinds that no hotline's base answers; written for this project."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def measure(encoder: Encoder, cache: VectorCache) -> Scale:
    """Measure the encoder on pairs of unrelated questions."""
    vectors = cache.encode(encoder, [normalise(text) for text in out_of_scope()])
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), k=1)]
    return Scale(float(cosines.mean()), max(float(cosines.std()), 1e-3))
