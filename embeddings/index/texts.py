"""Texts, documents and the way from exact words to them, as arrays that files can be mapped to."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import overload

import numpy as np
from numpy.typing import NDArray

from embeddings.index.types import Document
from embeddings.text.normalise import key

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@lru_cache(maxsize=1 << 15)
def digest(text: str) -> int:
    """Return 64 bits of BLAKE2b: two of a million texts agree with a chance of 3 in 10⁸."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def digests(texts: Iterable[str]) -> Hashes:
    """Return `digest` of each of many texts, uint64 (texts,)."""
    made = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(made, dtype="<u8").astype(np.uint64)


def bounds(lengths: Iterable[int]) -> Ints:
    """Return where each of the parts with these lengths begins, and the end of the last."""
    return np.fromiter(accumulate(lengths, initial=0), dtype=np.int64)


@dataclass(frozen=True)
class Texts(Sequence[str]):
    """Strings end to end: text i is `blob[ends[i]:ends[i + 1]]` in UTF-8."""

    blob: NDArray[np.uint8]
    ends: Ints

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """Put strings end to end."""
        coded = [text.encode("utf-8", "surrogatepass") for text in texts]
        return cls(np.frombuffer(b"".join(coded), dtype=np.uint8), bounds(map(len, coded)))

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(len(self))))
        if at < 0:
            at += len(self)
        data = self.blob[self.ends[at] : self.ends[at + 1]].tobytes()
        return data.decode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Documents(Sequence[Document]):
    """Documents that are put together when one is asked for.

    `starts[d]:starts[d + 1]` are the phrasings of document d, `negative_starts` likewise.
    """

    ids: Ints
    starts: Ints
    negative_starts: Ints
    phrasings: Texts
    negatives: Texts
    answers: Texts

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Documents":
        """Take documents apart."""
        return cls(
            ids=np.fromiter((one.id for one in documents), np.int64, len(documents)),
            starts=bounds(len(one.phrasings) for one in documents),
            negative_starts=bounds(len(one.negatives) for one in documents),
            phrasings=Texts.of(text for one in documents for text in one.phrasings),
            negatives=Texts.of(text for one in documents for text in one.negatives),
            answers=Texts.of(one.answer for one in documents),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Document: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Document, ...]: ...
    def __getitem__(self, at: int | slice) -> Document | tuple[Document, ...]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(len(self))))
        at = range(len(self))[at]
        return Document(
            id=int(self.ids[at]),
            phrasings=self.phrasings[self.starts[at] : self.starts[at + 1]],
            negatives=self.negatives[self.negative_starts[at] : self.negative_starts[at + 1]],
            answer=self.answers[at],
        )

    def holding(self, ids: Iterable[int]) -> frozenset[int]:
        """Return those of `ids` that are here."""
        wanted = np.fromiter(ids, np.int64)
        return frozenset(wanted[np.isin(wanted, self.ids)].tolist())

    def length(self, ids: Iterable[int]) -> int:
        """Return how many phrasings the documents `ids` have."""
        at = np.flatnonzero(np.isin(self.ids, np.fromiter(ids, np.int64)))
        return int((self.starts[at + 1] - self.starts[at]).sum())


@dataclass(frozen=True)
class Keys:
    """Who has these very words: `hashes` are of the texts' keys, in order; `rows` the texts."""

    hashes: Hashes
    rows: Ints
    texts: Texts
    owners: Ints

    @classmethod
    def of(cls, keys: Iterable[str], texts: Texts, owners: Ints) -> "Keys":
        """Order texts by their keys; a text whose key is empty has no place here."""
        made = list(keys)
        rows = np.flatnonzero(np.fromiter(map(len, made), np.int64, len(made)))
        hashes = digests(made[row] for row in rows.tolist())
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], rows[order], texts, owners)

    def get(self, form: str, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the documents with a text whose key is `form`."""
        wanted = np.uint64(digest(form))
        first, last = (
            int(np.searchsorted(self.hashes, wanted, side)) for side in ("left", "right")
        )
        rows = [row for row in self.rows[first:last].tolist() if key(self.texts[row]) == form]
        return tuple(sorted({int(self.owners[row]) for row in rows})) or otherwise
