"""A question, prepared once for all segments."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.encoders.interface import Vectors
from embeddings.index import lexical
from embeddings.index.segment import Segment
from embeddings.text import segment as tokens
from embeddings.text.lexicon import EMPTY, Lexicon
from embeddings.text.normalise import key, normalise


@dataclass(frozen=True)
class Query:
    """Normalised text, one vector (dimension,) for each encoder, weighted tokens.

    `characters` and `words` also hold what the lexicon says instead; `wanted` are the
    sums of the query's own tokens' weights, (characters, words): the most a text can have.
    """

    text: str
    key: str
    vectors: tuple[Vectors, ...]
    characters: dict[str, float]
    words: dict[str, float]
    wanted: tuple[float, float]


def weigh(
    text: str,
    vectors: tuple[Vectors, ...],
    segments: Sequence[Segment],
    lexicon: Lexicon = EMPTY,
) -> Query:
    """Weigh a question's tokens; its vectors are known."""
    form = normalise(text)
    variants = lexicon.variants(form)
    own, other = [part.characters for part in segments], [part.words for part in segments]
    characters = lexical.idf(tokens.characters(form), own)
    words = lexical.idf(tokens.words(form, lexicon), other)
    also_characters = [tokens.characters(variant) for variant in variants]
    also_words = [tokens.words(variant, lexicon) for variant in variants]
    return Query(
        text=form,
        key=key(text),
        vectors=vectors,
        characters=characters | lexical.alternatives(characters, also_characters, own),
        words=words | lexical.alternatives(words, also_words, other),
        wanted=(sum(characters.values()), sum(words.values())),
    )
