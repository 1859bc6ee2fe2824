"""Every searching process follows the feed; a damaged snapshot is rebuilt."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from embeddings.errors import EncoderError
from knowledge import clock
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.content import EntryContent
from knowledge.entries.service import create, entry_coded, publish, withdraw
from knowledge.people.actor import system
from knowledge.search.service import SearchService
from knowledge.settings import Settings
from tests.waiting import within_a_second


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, second_encoder="none")


@pytest.fixture
def service(settings: Settings, database: Database) -> Iterator[SearchService]:
    add(database, "a", "身份证丢了怎么补办？")
    opened = SearchService(settings, database)
    opened.start()
    yield opened
    opened.close()


def add(database: Database, code: str, question: str, until: date | None = None) -> None:
    with database.write() as session:
        owner = add_department(session, code="d", name="部门")
        leaf = add_category(session, code="c", name="分类")
        content = EntryContent(question, "答案", leaf.id, valid_until=until)
        entry = create(session, system(), owner.id, content, code=code)
        publish(session, system(), entry, entry.lock_version)


def found(service: SearchService, question: str) -> list[str]:
    return [hit.code for hit in service.search(question).hits]


def test_publishing_and_withdrawing_count_in_another_process_within_a_second(
    service: SearchService, settings: Settings, database: Database
) -> None:
    other = SearchService(settings, database)
    other.start()
    add(database, "b", "公积金怎么提取？")
    for one in (service, other):
        assert within_a_second(lambda one=one: "b" in found(one, "公积金怎么提取"))  # type: ignore[misc]
    with database.write() as session:
        entry = entry_coded(session, "b")
        withdraw(session, system(), entry, entry.lock_version, "过时")
    for one in (service, other):
        assert within_a_second(lambda one=one: "b" not in found(one, "公积金怎么提取"))  # type: ignore[misc]
    other.close()


def test_an_entry_is_found_on_its_last_day_and_not_after(
    service: SearchService, database: Database
) -> None:
    add(database, "c", "高温补贴怎么领？", until=date(2030, 8, 31))
    last = datetime(2030, 8, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    service.replica.follow()
    with clock.frozen(lambda: last):
        assert found(service, "高温补贴怎么领")[0] == "c"
    with clock.frozen(lambda: last + timedelta(seconds=1)):
        assert "c" not in found(service, "高温补贴怎么领")


@pytest.mark.parametrize("name", ["vectors_0.npy", "phrasings.blob.npy", "manifest.json"])
def test_a_flipped_bit_in_the_snapshot_is_seen_and_mended(
    service: SearchService, settings: Settings, database: Database, name: str
) -> None:
    path = settings.index_folder / name
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(bytes(damaged))
    again = SearchService(settings, database)
    again.start()
    assert found(again, "身份证丢了怎么补办")[0] == "a"
    assert path.read_bytes() != bytes(damaged)
    again.close()


def test_a_missing_model_folder_is_named(settings: Settings, database: Database) -> None:
    bad = settings.model_copy(update={"encoder": "/nowhere/model"})
    with pytest.raises(EncoderError, match="没有找到编码器文件夹 /nowhere/model"):
        SearchService(bad, database)
