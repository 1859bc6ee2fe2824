"""An empty index with the encoders that the settings name."""

from embeddings.cache import VectorCache
from embeddings.index import Promises, SearchIndex
from knowledge.search import encoders
from knowledge.settings import Settings


def build_index(settings: Settings) -> SearchIndex:
    """Return an empty index with the encoders that the settings name.

    Raises:
        EncoderError: a model is missing or cannot be used.
    """
    promises = Promises(settings.answer_precision, settings.clarify_contains)
    first, second = encoders.first(settings), encoders.second(settings)
    return SearchIndex(first, second, VectorCache(settings.home / "vectors.db"), promises)
