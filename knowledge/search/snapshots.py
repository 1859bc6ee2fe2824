"""Where the snapshot of the index lies; one process writes it at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embeddings.index import SearchIndex, SnapshotError
from embeddings.index.snapshot import Snapshot, mend, revision_in
from embeddings.index.state import State
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
            mend(self.path)
            yield

    def load(self, index: SearchIndex, newest: Head) -> int:
        """Serve the snapshot of base `newest.base_id`; returns its revision.

        Raises:
            SnapshotError: missing, damaged, of another base or model, or newer
                than the database (which then was restored from a backup).
        """
        found = self.read(index, newest)
        index.adopt(found)
        return found.revision

    def read(self, index: SearchIndex, newest: Head) -> Snapshot:
        """Read the snapshot without serving it.

        Raises:
            SnapshotError: as `load`.
        """
        found = index.read(self.path, newest.base_id)
        stands, feed = found.revision, newest.revision
        if stands > feed:
            raise SnapshotError(f"索引快照（修订号 {stands}）比数据库（{feed}）新，可能恢复过备份")
        return found

    def save(self, index: SearchIndex, newest: Head) -> None:
        """Write the snapshot aside and put it in place."""
        index.save(self.path, newest.base_id, newest.revision)

    def merge(self, index: SearchIndex, state: State, newest: Head, beyond: int) -> None:
        """Write `state` as the snapshot, unless another process has put one there after `beyond`.

        Searches and changes go on meanwhile.
        """
        there = revision_in(self.path, newest.base_id, index.model_ids)
        if there is None or there <= beyond:
            index.merge(state, self.path, newest.base_id, newest.revision)
