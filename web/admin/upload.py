"""A file that somebody sent: put aside under a name that is safe, gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from werkzeug.datastructures import FileStorage

from knowledge.errors import ContentError
from knowledge.privacy.hidden import visible

STEM_LENGTH = 60  # in UTF-8 a file's name may have 255 bytes
SUFFIX_LENGTH = 10


@dataclass(frozen=True)
class Upload:
    """Where the file lies, and what the person calls it."""

    path: Path
    name: str


@contextmanager
def received(sent: FileStorage | None) -> Iterator[Upload]:
    """Keep the file while the block runs.

    Raises:
        ContentError: none was chosen.
    """
    if sent is None or not sent.filename:
        raise ContentError({"file": "请选择问题文件（xlsx、csv 或 jsonl）"})
    name = _safe(sent.filename)
    with tempfile.TemporaryDirectory(prefix="hotline-upload-") as folder:
        path = Path(folder) / name
        sent.save(path)
        yield Upload(path, name)


def _safe(told: str) -> str:
    """Return the last part of a path of any system, without what nobody sees."""
    last = PurePosixPath(visible(told).replace("\\", "/").replace("\0", "")).name.strip()
    stem, dot, suffix = last.rpartition(".")
    stem = (stem or "问题").lstrip(".")[:STEM_LENGTH] or "问题"
    return f"{stem}{dot}{suffix[:SUFFIX_LENGTH]}"
