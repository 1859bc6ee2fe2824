"""What texts mean, as one vector each, to group them by."""

from collections.abc import Sequence

import numpy as np

from embeddings.cache import Progress
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.errors import VectorsError
from embeddings.index.building import Builder
from embeddings.index.state import State
from embeddings.text.normalise import normalise

TINY = 1e-9


def meanings(
    state: State, builder: Builder, texts: Sequence[str], progress: Progress | None = None
) -> Vectors:
    """Return float32 (texts, sum of the dimensions), of length 1.

    The encoders' vectors, each in the metric that the base taught (see `metric`), side by
    side: a product is the mean of the encoders' adapted cosines. What an encoder makes no
    numbers of is near nothing.
    """
    forms = [normalise(text) for text in texts]
    views = state.parts[0].segment.dense if state.parts else ()
    found = []
    for at, encoder in enumerate(builder.encoders):
        vectors = encoded(builder, encoder, forms, progress if at == 0 else None)
        usable = vectors.any(axis=1, keepdims=True)
        adapted = views[at].adapted.metric.adapt(vectors) if views else vectors
        found.append(adapted * usable)
    joined = np.concatenate(found, axis=1)
    lengths = np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), TINY)
    unit: Vectors = np.divide(joined, lengths, dtype=np.float32)
    return unit


def encoded(
    builder: Builder, encoder: Encoder, forms: Sequence[str], progress: Progress | None = None
) -> Vectors:
    """Return the vectors of normalised texts, which are kept; zeros where none can be made."""
    try:
        return builder.cache.encode(encoder, forms, progress)
    except VectorsError as error:
        sound = [form for form in forms if form not in error.texts]
        vectors = np.zeros((len(forms), encoder.dimension), dtype=np.float32)
        kept = np.array([form not in error.texts for form in forms], dtype=np.bool_)
        vectors[kept] = builder.cache.encode(encoder, sound)
        return vectors
