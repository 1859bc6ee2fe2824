"""What searches read: never changed, only replaced as a whole."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from embeddings.index.segment import Segment
from embeddings.index.types import Document

Build = Callable[[Sequence[Document]], Segment]


@dataclass(frozen=True)
class Part:
    """A segment with the ids of its documents that are gone or superseded."""

    segment: Segment
    gone: frozenset[int] = frozenset()

    @property
    def living(self) -> int:
        """How many documents are left."""
        return len(self.segment.documents) - len(self.gone)

    def documents(self) -> list[Document]:
        """Return the documents that are left."""
        ids = self.segment.ids.tolist()
        return [self.segment.documents[at] for at, one in enumerate(ids) if one not in self.gone]


@dataclass(frozen=True)
class State:
    """The snapshot's segment first, then the delta: small segments, merged as they grow."""

    parts: tuple[Part, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(part.living for part in self.parts)

    @property
    def phrasings(self) -> int:
        """How many phrasings there are."""
        return sum(
            len(part.segment.texts) - part.segment.documents.length(part.gone)
            for part in self.parts
        )

    @property
    def changed(self) -> int:
        """How many documents lie outside the first part, or are gone from it."""
        return sum(part.living for part in self.parts[1:]) + sum(
            len(part.gone) for part in self.parts[:1]
        )

    @property
    def early(self) -> list[Document]:
        """The documents that only the fast encoder has encoded so far."""
        return [one for part in self.parts if part.segment.by for one in part.documents()]

    def all(self) -> list[Document]:
        """Return the documents that are left."""
        return [one for part in self.parts for one in part.documents()]

    def without(self, ids: Iterable[int]) -> "State":
        """Return the state with tombstones for `ids`."""
        wanted = set(ids)
        parts = []
        for part in self.parts:
            hit = part.segment.documents.holding(wanted)
            parts.append(replace(part, gone=part.gone | hit) if hit else part)
        kept = [part for at, part in enumerate(parts) if part.living or at == 0]
        return State(tuple(kept))

    def plus(self, documents: Sequence[Document], build: Build, early: bool = False) -> "State":
        """Return the state with `documents` in place of their older versions.

        Small parts are merged into the new one, each at most as often as the
        logarithm of the number of changes: a bulk import costs no more than
        a few rebuilds, and no search sees many parts. An `early` part stays by itself.
        """
        latest = {document.id: document for document in documents}
        state = self.without(latest)
        parts = list(state.parts)
        added = list(latest.values())
        while (
            len(parts) > 1
            and bool(parts[-1].segment.by) == early
            and parts[-1].living <= 2 * len(added)
        ):
            added = [*parts.pop().documents(), *added]
        return State((*parts, Part(build(added))))
