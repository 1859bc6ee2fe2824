"""A question, prepared once for all segments."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.encoders.interface import Vectors
from embeddings.index import lexical
from embeddings.index.segment import Segment
from embeddings.text import segment as tokens
from embeddings.text.normalise import key, normalise


@dataclass(frozen=True)
class Query:
    """Normalised text, one vector (dimension,) for each encoder, weighted tokens."""

    text: str
    key: str
    vectors: tuple[Vectors, ...]
    characters: dict[str, float]
    words: dict[str, float]


def weigh(text: str, vectors: tuple[Vectors, ...], segments: Sequence[Segment]) -> Query:
    """Weigh a question's tokens; its vectors are known."""
    form = normalise(text)
    return Query(
        text=form,
        key=key(text),
        vectors=vectors,
        characters=lexical.idf(tokens.characters(form), [part.characters for part in segments]),
        words=lexical.idf(tokens.words(form), [part.words for part in segments]),
    )
