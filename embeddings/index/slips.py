"""What was meant where a question seems to have been mistyped."""

from embeddings.index.state import State
from embeddings.index.types import Ranking
from embeddings.text.lexicon import Lexicon
from embeddings.text.normalise import key, normalise
from embeddings.text.spelling import corrected


def meant_by(state: State, lexicon: Lexicon, query: str) -> str | None:
    """Return `query` with words of the base for what looks like slips; None without any.

    A question that some entry has in these very words is no slip.
    """
    if any(part.segment.exact.get(key(query)) for part in state.parts):
        return None
    spellings = [part.segment.spelling for part in state.parts]
    return corrected(normalise(query), [*spellings, lexicon.spelling])


def surer(one: Ranking, other: Ranking) -> bool:
    """Tell whether the first hit of `one` is likelier right than that of `other`."""
    return bool(one.hits) and (not other.hits or one.hits[0].score > other.hits[0].score)
