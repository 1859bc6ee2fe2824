"""A process's own copy of the index: loaded or built at start, then kept up with the feed."""

from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from embeddings.index import Document, Rehearsal, SearchIndex, SnapshotError
from embeddings.index.snapshot import Snapshot
from knowledge.database import Database
from knowledge.entries.cards import searchable
from knowledge.feed.service import Head, changed_since, head
from knowledge.lexicon import service as words
from knowledge.search.catalogue import Catalogue, Listing, listings
from knowledge.search.merging import Merging
from knowledge.search.snapshots import SnapshotFolder
from knowledge.search.strengthening import Strengthening

log = structlog.get_logger(__name__)

PORTION = 32
EARLY_FROM = 64  # entries changed at once: the fast encoder goes first
EARLY_PORTION = 512
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
        self._merging = Merging(index, folder)
        self.strengthening = Strengthening(index, folder.path.parent / "encoding.lock")
        self._saved = -1  # the revision of the snapshot that is served

    def open(self, progress: Progress | None = None) -> None:
        """Load the snapshot, or build and save one, then catch up with the feed."""
        with self._folder.locked():
            if not self._load() or self._outgrown():
                self._rebuild(progress)
        self.follow()

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the index from the database and save it as the snapshot."""
        with self._folder.locked():
            self._rebuild(progress)

    def calibrate(self) -> Rehearsal:
        """Calibrate on what is served now, and save that for the processes that start next."""
        with self._folder.locked():
            with self._database.read() as session:
                base = head(session).base_id
            found = self.index.calibrate()
            self._folder.save(self.index, Head(self.revision, base))
        return found

    def close(self) -> None:
        """Wait a while for a merge that runs."""
        self.strengthening.end()
        self._merging.end()

    def _rebuild(self, progress: Progress | None) -> None:
        """Build, save, and serve what was saved, whose pages all processes share."""
        with self._database.read() as session:
            newest = head(session)
            self.index.rebuild((found.document for found in searchable(session)), progress)
            self.catalogue.replace(listings(session))
        self._folder.save(self.index, newest)
        self._folder.load(self.index, newest)
        self.revision = self._saved = newest.revision
        log.info("index_built", revision=self.revision, entries=self.index.documents)

    def follow(self) -> int:
        """Apply what changed since; returns how many entries did."""
        with self._database.read() as session:
            self._follow_lexicon(session)
            newest = head(session)
            if newest.revision == self.revision:
                return 0
            changed = changed_since(session, self.revision)
            early = len(changed) > EARLY_FROM
            portion = EARLY_PORTION if early else PORTION
            for start in range(0, len(changed), portion):
                self._apply(session, changed[start : start + portion], early)
        self.revision = newest.revision
        log.info("index_followed", revision=self.revision, changed=len(changed))
        return len(changed)

    def _follow_lexicon(self, session: Session) -> None:
        newest = words.revision(session)
        if newest != self.lexicon_revision:
            self.index.use(words.lexicon(session))
            self.lexicon_revision = newest
            log.info("lexicon_followed", revision=newest)

    def tend(self) -> None:
        """Complete a bulk change; then have the delta merged, and serve what came of it.

        Called by the thread that follows, so nothing changes between the two.
        """
        found = self._merging.result()
        if found is not None:
            self._serve(found)
        elif self.strengthening.tend():
            return  # a merge would encode all at once what is encoded by portions
        elif self._merging.may_start and self._large(self.index.state.changed):
            with self._database.read() as session:
                base = head(session).base_id
            self._merging.start(self.index.state, Head(self.revision, base), self._saved)

    def _serve(self, found: Snapshot) -> None:
        """Serve a merged snapshot, with all that changed since its revision."""
        newer: list[Document] = []
        with self._database.read() as session:
            newest = head(session)
            changed = changed_since(session, found.revision)
            listed: dict[int, Listing] = {}
            for start in range(0, len(changed), PORTION):
                portion = changed[start : start + PORTION]
                newer += [item.document for item in searchable(session, portion)]
                listed |= listings(session, portion)
        self.catalogue.drop(entry_id for entry_id in changed if entry_id not in listed)
        self.index.adopt(found, changed, newer)
        self.catalogue.update(listed)
        self.revision, self._saved = newest.revision, found.revision
        log.info("index_merged", revision=found.revision, since=len(changed))

    def _apply(self, session: Session, entry_ids: list[int], early: bool) -> None:
        """What left goes from the catalogue first; what came is announced there last."""
        found = list(searchable(session, entry_ids))
        listed = listings(session, entry_ids)
        gone = [entry_id for entry_id in entry_ids if entry_id not in listed]
        self.catalogue.drop(gone)
        self.index.remove(gone)
        self.index.upsert([item.document for item in found], early)
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
        self.revision = self._saved = revision
        log.info("snapshot_loaded", revision=revision, entries=self.index.documents)
        return True

    def _outgrown(self) -> bool:
        """Tell whether so much changed since that a new snapshot is worth its while."""
        with self._database.read() as session:
            changed = len(changed_since(session, self.revision))
        return self._large(changed)

    def _large(self, changed: int) -> bool:
        return changed > max(REBUILD_LEAST, REBUILD_SHARE * self.index.documents)
