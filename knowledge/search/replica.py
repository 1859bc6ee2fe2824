"""A process's own copy of the index: loaded or built at start, then kept up with the feed."""

from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from embeddings.index import SearchIndex, SnapshotError
from knowledge.database import Database
from knowledge.entries.cards import searchable
from knowledge.feed.service import changed_since, head
from knowledge.lexicon import service as words
from knowledge.search.catalogue import Catalogue, listings
from knowledge.search.snapshots import SnapshotFolder

log = structlog.get_logger(__name__)

PORTION = 32
REBUILD_SHARE = 0.2
REBUILD_LEAST = 64

Progress = Callable[[int, int], None]


class Replica:
    """Index and catalogue of one base, with the revision that they stand at."""

    def __init__(self, database: Database, index: SearchIndex, folder: SnapshotFolder) -> None:
        self.index = index
        self.catalogue = Catalogue()
        self.revision = -1
        self.lexicon_revision = -1
        self._database = database
        self._folder = folder

    def open(self, progress: Progress | None = None) -> None:
        """Load the snapshot, or build and save one, then catch up with the feed."""
        with self._folder.locked():
            if not self._load() or self._outgrown():
                self.rebuild(progress)
        self.follow()

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the index from the database and save it as the snapshot."""
        with self._database.read() as session:
            newest = head(session)
            self.index.rebuild((found.document for found in searchable(session)), progress)
            self.catalogue.replace(listings(session))
        self.revision = newest.revision
        self._folder.save(self.index, newest)
        log.info("index_built", revision=self.revision, entries=self.index.documents)

    def follow(self) -> int:
        """Apply what changed since; returns how many entries did."""
        with self._database.read() as session:
            self._follow_lexicon(session)
            newest = head(session)
            if newest.revision == self.revision:
                return 0
            changed = changed_since(session, self.revision)
            for start in range(0, len(changed), PORTION):
                self._apply(session, changed[start : start + PORTION])
        self.revision = newest.revision
        log.info("index_followed", revision=self.revision, changed=len(changed))
        return len(changed)

    def _follow_lexicon(self, session: Session) -> None:
        newest = words.revision(session)
        if newest != self.lexicon_revision:
            self.index.use(words.lexicon(session))
            self.lexicon_revision = newest
            log.info("lexicon_followed", revision=newest)

    def _apply(self, session: Session, entry_ids: list[int]) -> None:
        """What left goes from the catalogue first; what came is announced there last."""
        found = list(searchable(session, entry_ids))
        listed = listings(session, entry_ids)
        gone = [entry_id for entry_id in entry_ids if entry_id not in listed]
        self.catalogue.drop(gone)
        self.index.remove(gone)
        self.index.upsert([item.document for item in found])
        self.catalogue.update(listed)

    def _load(self) -> bool:
        """Load the snapshot of this base, if there is one that is whole."""
        with self._database.read() as session:
            newest = head(session)
            try:
                revision = self._folder.load(self.index, newest)
            except SnapshotError as error:
                log.warning("snapshot_refused", reason=str(error))
                return False
            self.catalogue.replace(listings(session))
        self.revision = revision
        log.info("snapshot_loaded", revision=revision, entries=self.index.documents)
        return True

    def _outgrown(self) -> bool:
        """Tell whether so much changed since that a new snapshot is worth its while."""
        with self._database.read() as session:
            changed = len(changed_since(session, self.revision))
        return changed > max(REBUILD_LEAST, REBUILD_SHARE * self.index.documents)
