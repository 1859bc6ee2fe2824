"""Where the snapshot of the index lies; one process writes it at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embeddings.index import SearchIndex, SnapshotError
from knowledge.feed.service import Head


class SnapshotFolder:
    """The folder of one machine's snapshot, shared by its processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder: the second process waits, then loads what the first one built."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / f"{self.path.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def load(self, index: SearchIndex, newest: Head) -> int:
        """Load the snapshot of base `newest.base_id`; returns its revision.

        Raises:
            SnapshotError: missing, damaged, of another base or model, or newer
                than the database (which then was restored from a backup).
        """
        revision = index.load(self.path, newest.base_id)
        if revision > newest.revision:
            raise SnapshotError(
                f"索引快照（修订号 {revision}）比数据库（{newest.revision}）新，可能恢复过备份"
            )
        return revision

    def save(self, index: SearchIndex, newest: Head) -> None:
        """Write the snapshot aside and put it in place."""
        index.save(self.path, newest.base_id, newest.revision)
