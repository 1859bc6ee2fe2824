"""A stand-in for a model, honest about it: hashed n-grams of characters, no meaning at all."""

import hashlib
from collections.abc import Sequence

import numpy as np

from embeddings.encoders.interface import Vectors


class NgramEncoder:
    """Texts that share characters and pairs of characters are near each other."""

    def __init__(self, model_id: str = "test-ngrams", dimension: int = 96) -> None:
        self.model_id = model_id
        self.dimension = dimension
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), L2-normalised; remembers what was asked."""
        self.asked.extend(texts)
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for at, text in enumerate(texts):
            for length in (1, 2):
                for start in range(len(text) - length + 1):
                    digest = hashlib.sha256(text[start : start + length].encode()).digest()
                    vectors[at, int.from_bytes(digest[:4], "big") % self.dimension] += 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
