"""All that a search reads, in one value that never changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import background, segment
from embeddings.index.background import Background
from embeddings.index.calibration import Calibration
from embeddings.index.segment import Part
from embeddings.index.types import Document
from embeddings.text.normalise import key

DELTA = 256


@dataclass(frozen=True)
class State:
    """`parts[0]` is what was built last, those after it came by upserts."""

    parts: tuple[Part, ...] = ()
    backgrounds: tuple[Background, ...] = ()
    calibration: Calibration = Calibration()


def servable(documents: Iterable[Document]) -> list[Document]:
    """Return documents without empty phrasings, the last of each id, none without phrasings."""
    kept = {}
    for document in documents:
        phrasings = tuple(text for text in document.phrasings if key(text))
        negatives = tuple(text for text in document.negatives if key(text))
        kept.pop(document.id, None)
        if phrasings:
            kept[document.id] = replace(document, phrasings=phrasings, negatives=negatives)
    return list(kept.values())


def without(parts: Sequence[Part], ids: Iterable[int]) -> tuple[Part, ...]:
    """Return the parts with tombstones for `ids`."""
    gone = set(ids)
    found = []
    for part in parts:
        positions = {part.segment.position[one] for one in gone & part.segment.position.keys()}
        found.append(replace(part, dead=part.dead | positions) if positions else part)
    return tuple(found)


def with_added(
    parts: Sequence[Part],
    documents: Sequence[Document],
    encoders: Sequence[Encoder],
    cache: VectorCache,
) -> tuple[Part, ...]:
    """Return the parts with `documents` in the last one, or in a new one once that is large."""
    kept = list(parts)
    if len(kept) > 1 and len(kept[-1].segment.documents) < DELTA:
        documents = [*kept.pop().living, *documents]
    return (*kept, Part(segment.build(documents, encoders, cache)))


def remeasured(state: State, parts: tuple[Part, ...], unrelated: Sequence[Vectors]) -> State:
    """Return the state with new parts; its backgrounds follow what the base now holds."""
    segments = [part.segment for part in parts]
    return replace(state, parts=parts, backgrounds=background.measure(segments, unrelated))
