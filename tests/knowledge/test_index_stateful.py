"""Whatever is done in whatever order, the index serves what the database says, no more, no less."""

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from embeddings.cache import VectorCache
from embeddings.index import SearchIndex
from knowledge import clock
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.departments.service import add_department
from knowledge.entries.cards import cards, searchable
from knowledge.entries.content import EntryContent
from knowledge.entries.service import create, entry_coded, publish, save_draft, withdraw
from knowledge.people.actor import system
from knowledge.search import replica as replicas
from knowledge.search.catalogue import listings
from knowledge.search.replica import Replica
from knowledge.search.snapshots import SnapshotFolder
from tests.embeddings.encoder import NgramEncoder

CODES = [f"n{number}" for number in range(6)]
SUBJECTS = ["身份证补办", "公积金提取", "老年证申请", "护照换发", "社保转移", "婚姻登记"]
FIRST_DAY = datetime(2030, 1, 1, 4, tzinfo=UTC)

codes = st.sampled_from(CODES)
subjects = st.sampled_from(SUBJECTS)
days = st.none() | st.integers(0, 6)


class IndexAndDatabase(RuleBasedStateMachine):
    """A clerk, the clock and a process that searches; what a citizen finds is checked each time."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-stateful-"))
        self.database = Database(f"sqlite:///{self.folder / 'base.db'}")
        upgrade(self.database)
        with self.database.write() as session:
            self.owner = add_department(session, code="d", name="部门").id
            self.leaf = add_category(session, code="c", name="分类").id
        self.now = FIRST_DAY
        self.frozen = clock.frozen(lambda: self.now)
        self.frozen.__enter__()
        self.published: dict[str, tuple[str, date | None]] = {}
        self.known: set[str] = set()
        self.opened = 0
        self.restart()

    @rule()
    def restart(self) -> None:
        """The process ends, and another one starts from the snapshot and the feed."""
        self.opened += 1
        cache = VectorCache(self.folder / "vectors.db")
        index = SearchIndex(NgramEncoder(), None, cache)
        self.replica = Replica(self.database, index, SnapshotFolder(self.folder / "index"))
        self.replica.open()

    @rule(code=codes, subject=subjects, last=days, similar=st.booleans())
    def write(self, code: str, subject: str, last: int | None, similar: bool) -> None:
        """Publish an entry, or a new wording of it."""
        until = None if last is None else (self.now + timedelta(days=last)).date()
        question = f"{code}号{subject}怎么办？"
        more = (f"哪里可以{code}{subject}",) if similar else ()
        content = EntryContent(question, "答案", self.leaf, more, valid_until=until)
        with self.database.write() as session:
            if code in self.known:
                entry = entry_coded(session, code)
                save_draft(session, system(), entry, content, entry.lock_version)
            else:
                entry = create(session, system(), self.owner, content, code=code)
            publish(session, system(), entry, entry.lock_version)
        self.known.add(code)
        self.published[code] = (question, until)

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def take_away(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from(sorted(self.published)))
        with self.database.write() as session:
            entry = entry_coded(session, code)
            withdraw(session, system(), entry, entry.lock_version, "过时")
        del self.published[code]

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(code=codes, subject=subjects, followed=st.booleans())
    def merge_while_somebody_publishes(self, code: str, subject: str, followed: bool) -> None:
        """The delta becomes a new snapshot in the background; the base changes meanwhile."""
        self.replica.follow()
        self.replica.tend()
        self.write(code, subject, None, similar=True)
        if followed:
            self.replica.follow()
        self.replica.close()
        self.replica.tend()

    @rule()
    def rebuild(self) -> None:
        self.replica.rebuild()

    @invariant()
    def index_and_database_are_equal(self) -> None:
        self.replica.follow()
        index, catalogue = self.replica.index, self.replica.catalogue
        with self.database.read() as session:
            wanted = {one.document.id: one.document for one in searchable(session)}
            listed = listings(session)
            served = set(cards(session, list(wanted)))
        assert {one.id: one for one in index.state.all()} == wanted
        assert index.documents == len(wanted)
        assert index.phrasings == sum(len(one.phrasings) for one in wanted.values())
        assert {entry: catalogue.get(entry) for entry in wanted} == listed
        assert len(catalogue) == len(listed)
        today = (self.now + timedelta(hours=8)).date()
        for question, until in self.published.values():
            hits = index.search(question, 10, catalogue.in_service).hits
            assert {hit.id for hit in hits} <= served
            found = [hit for hit in hits if hit.matched_phrasing == question]
            assert bool(found) == (until is None or until >= today)

    def teardown(self) -> None:
        if hasattr(self, "frozen"):
            self.replica.close()
            self.frozen.__exit__(None, None, None)
            self.database.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def merging_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes are enough to merge, so that a few steps reach every state."""
    monkeypatch.setattr(replicas, "REBUILD_LEAST", 1)


class TestIndexAndDatabase(IndexAndDatabase.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(
        max_examples=15,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    pytestmark = pytest.mark.usefixtures("merging_early")
