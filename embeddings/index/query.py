"""A question, prepared once for all parts of the index."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import lexical
from embeddings.index.segment import Part
from embeddings.text import segment as tokens
from embeddings.text.normalise import key, normalise


@dataclass(frozen=True)
class Query:
    """Normalised text and its key, one vector (dimension,) by encoder, weighted tokens."""

    text: str
    key: str
    vectors: tuple[Vectors, ...]
    characters: dict[str, float]
    words: dict[str, float]


def prepare(text: str, encoders: Sequence[Encoder], parts: Sequence[Part]) -> Query:
    """Encode and weigh a question."""
    form = normalise(text)
    return weigh(text, tuple(encoder.encode([form])[0] for encoder in encoders), parts)


def weigh(text: str, vectors: tuple[Vectors, ...], parts: Sequence[Part]) -> Query:
    """Weigh a question's tokens; its vectors are known."""
    form = normalise(text)
    segments = [part.segment for part in parts]
    return Query(
        text=form,
        key=key(text),
        vectors=vectors,
        characters=lexical.idf(tokens.characters(form), [one.characters for one in segments]),
        words=lexical.idf(tokens.words(form), [one.words for one in segments]),
    )
