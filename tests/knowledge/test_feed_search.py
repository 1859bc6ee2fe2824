"""Processes that search follow the base: restarts, restored backups, other bases, bulk loads."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
import structlog

from embeddings.index import Decision
from knowledge import clock
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.departments.service import add_department
from knowledge.entries.content import EntryContent
from knowledge.entries.service import create, entry_coded, publish, save_draft, withdraw
from knowledge.errors import NotFoundError
from knowledge.people.actor import system
from knowledge.search.service import SearchService
from knowledge.settings import Settings
from tests.waiting import within, within_a_second


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", second_encoder="none")


@contextmanager
def searching(settings: Settings, database: Database) -> Iterator[SearchService]:
    """A process that searches, from its start to its end."""
    service = SearchService(settings, database)
    service.start()
    try:
        yield service
    finally:
        service.close()


def say(database: Database, code: str, question: str, until: date | None = None) -> None:
    """Publish an entry, or a new wording of it."""
    with database.write() as session:
        owner = add_department(session, code="d", name="部门")
        leaf = add_category(session, code="c", name="分类")
        content = EntryContent(question, f"{code}的答案", leaf.id, valid_until=until)
        try:
            entry = entry_coded(session, code)
            save_draft(session, system(), entry, content, entry.lock_version)
        except NotFoundError:
            entry = create(session, system(), owner.id, content, code=code)
        publish(session, system(), entry, entry.lock_version)


def take_away(database: Database, code: str) -> None:
    with database.write() as session:
        entry = entry_coded(session, code)
        withdraw(session, system(), entry, entry.lock_version, "过时")


def first(service: SearchService, question: str) -> str | None:
    result = service.search(question)
    return result.hits[0].code if result.decision is Decision.ANSWER else None


def answers(service: SearchService, question: str, code: str) -> bool:
    return first(service, question) == code


def test_a_new_wording_takes_the_place_of_the_old_in_every_process(
    settings: Settings, database: Database
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database) as one, searching(settings, database) as two:
        say(database, "a", "护照过期了怎么换？")
        for service in (one, two):
            assert within_a_second(partial(answers, service, "护照过期了怎么换", "a"))
            assert first(service, "身份证丢了怎么补办") is None
            (hit,) = service.search("护照过期了怎么换").hits
            assert (hit.question, hit.matched_phrasing) == (
                "护照过期了怎么换？",
                "护照过期了怎么换？",
            )


def test_a_draft_is_nothing_to_search(settings: Settings, database: Database) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database) as service:
        with database.write() as session:
            leaf = add_category(session, code="c", name="分类").id
            entry = entry_coded(session, "a")
            content = EntryContent("护照过期了怎么换？", "答", leaf)
            save_draft(session, system(), entry, content, entry.lock_version)
        time.sleep(0.5)
        assert first(service, "护照过期了怎么换") is None
        assert first(service, "身份证丢了怎么补办") == "a"


def test_what_changed_while_nobody_searched_is_caught_up_with(
    settings: Settings, database: Database
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    say(database, "b", "公积金怎么提取？")
    with searching(settings, database):
        pass
    manifest = settings.index_folder / "manifest.json"
    before = manifest.read_bytes()
    say(database, "c", "老年证怎么办？")
    take_away(database, "a")
    with searching(settings, database) as service:
        assert first(service, "老年证怎么办") == "c"
        assert first(service, "公积金怎么提取") == "b"
        assert "a" not in {hit.code for hit in service.search("身份证丢了怎么补办").hits}
        assert service.replica.index.documents == 2
    assert manifest.read_bytes() == before  # so few changes need no new snapshot


def test_a_bulk_load_is_merged_into_a_new_snapshot_while_the_process_serves(
    settings: Settings, database: Database
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database) as service:
        before = (settings.index_folder / "manifest.json").read_bytes()
        for number in range(70):
            say(database, f"n{number}", f"第{number}号事项怎么办？")
        assert within(20, lambda: service.replica.index.state.changed < 20)
        say(database, "n69", "第69号事项改了名怎么办？")
        take_away(database, "n5")
        assert within(5, lambda: first(service, "第69号事项改了名怎么办") == "n69")
        assert first(service, "第33号事项怎么办") == "n33"
        assert "n5" not in {hit.code for hit in service.search("第5号事项怎么办").hits}
        assert service.replica.index.documents == 70
        assert (settings.index_folder / "manifest.json").read_bytes() != before
    with searching(settings, database) as service:
        assert service.replica.index.documents == 70
        assert first(service, "第69号事项改了名怎么办") == "n69"


def test_what_changed_while_nobody_served_makes_the_next_start_build_anew(
    settings: Settings, database: Database
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database):
        before = (settings.index_folder / "manifest.json").read_bytes()
    for number in range(70):
        say(database, f"n{number}", f"第{number}号事项怎么办？")
    with searching(settings, database) as service:
        assert service.replica.index.documents == 71
        assert first(service, "第33号事项怎么办") == "n33"
    assert (settings.index_folder / "manifest.json").read_bytes() != before


def test_the_snapshot_of_another_base_is_refused(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database):
        pass
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other)
    say(other, "z", "公积金怎么提取？")
    with (
        structlog.testing.capture_logs() as events,
        searching(settings, other) as service,
    ):
        assert first(service, "公积金怎么提取") == "z"
        assert service.search("身份证丢了怎么补办").hits[:1] != ()
        assert {hit.code for hit in service.search("身份证丢了怎么补办").hits} == {"z"}
    other.close()
    refused = [event["reason"] for event in events if event["event"] == "snapshot_refused"]
    assert refused == ["索引快照属于另一个知识库，将重建"]


def test_a_restored_backup_does_not_bring_back_what_is_not_in_it(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "live.db"
    live = Database(f"sqlite:///{path}")
    upgrade(live)
    say(live, "a", "身份证丢了怎么补办？")
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "backup.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    say(live, "b", "公积金怎么提取？")
    with searching(settings, live) as service:
        assert first(service, "公积金怎么提取") == "b"
    live.close()
    for name in ("live.db-wal", "live.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", path)
    restored = Database(f"sqlite:///{path}")
    with searching(settings, restored) as service:
        assert {hit.code for hit in service.search("公积金怎么提取").hits} <= {"a"}
        assert first(service, "身份证丢了怎么补办") == "a"
    restored.close()


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "no folder"])
def test_a_broken_snapshot_is_built_anew(
    settings: Settings, database: Database, damage: str
) -> None:
    say(database, "a", "身份证丢了怎么补办？")
    with searching(settings, database):
        pass
    path = settings.index_folder / "dense_0.faiss"
    whole = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[:-1])
        case _:
            shutil.rmtree(settings.index_folder)
    with searching(settings, database) as service:
        assert first(service, "身份证丢了怎么补办") == "a"
    assert path.stat().st_size == len(whole)


def test_an_entry_expires_at_midnight_without_anybody_doing_anything(
    settings: Settings, database: Database
) -> None:
    say(database, "a", "高温补贴怎么领？", until=date(2030, 8, 31))
    with searching(settings, database) as service:
        with clock.frozen(lambda: datetime(2030, 8, 31, 15, 59, 59, tzinfo=UTC)):
            assert first(service, "高温补贴怎么领") == "a"
            assert [one.text for one in service.suggest("高温")] == ["高温补贴怎么领？"]
        with clock.frozen(lambda: datetime(2030, 8, 31, 16, 0, tzinfo=UTC)):
            assert service.search("高温补贴怎么领").hits == ()
            assert service.suggest("高温") == []


def test_a_process_that_stopped_following_says_that_it_is_not_ready(
    settings: Settings, database: Database
) -> None:
    service = SearchService(settings, database)
    assert not service.ready
    service.start()
    assert service.ready
    assert service.seconds_behind < 1
    service.close()
    assert not service.ready
