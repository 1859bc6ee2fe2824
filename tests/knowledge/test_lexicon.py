"""The lexicon: who may change it, what it refuses, and that every searching process follows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embeddings.text.lexicon import Lexicon
from knowledge.audit.service import history
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.content import EntryContent
from knowledge.entries.service import create, publish
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.lexicon import service
from knowledge.lexicon.exchange import put_in
from knowledge.lexicon.models import Kind
from knowledge.lexicon.rules import separated
from knowledge.lexicon.shipped import load_shipped, shipped
from knowledge.lexicon.text_file import LexiconFileError, as_lexicon, read, write
from knowledge.people.actor import Actor, Role, system
from knowledge.search.service import SearchService
from knowledge.settings import Settings
from tests.waiting import within_a_second

MANAGER = Actor(7, "陈管理", None, frozenset({Role.MANAGER}))
EDITOR = Actor(8, "王采编", 1, frozenset({Role.EDITOR, Role.REVIEWER, Role.OPERATOR}))


def add(database: Database, *texts: str, kind: Kind = Kind.GROUP) -> int:
    with database.write() as session:
        return service.add(session, MANAGER, kind, texts).id


def change(database: Database, item_id: int, *texts: str, seen: int = 1) -> None:
    with database.write() as session:
        service.change(session, MANAGER, item_id, texts, seen)


def remove(database: Database, item_id: int, seen: int = 1) -> None:
    with database.write() as session:
        service.remove(session, MANAGER, item_id, seen)


def now(database: Database) -> Lexicon:
    with database.read() as session:
        return service.lexicon(session)


def test_a_group_is_added_changed_and_removed_and_all_of_it_is_on_record(
    database: Database,
) -> None:
    group = add(database, "不动产权证", "房产证")
    add(database, "近邻党建", kind=Kind.WORD)
    change(database, group, "不动产权证", "房产证", "厝契")
    assert now(database) == Lexicon((("不动产权证", "房产证", "厝契"),), ("近邻党建",))
    remove(database, group, seen=2)
    assert now(database) == Lexicon((), ("近邻党建",))
    with database.read() as session:
        found = history(session, f"lexicon:{group}")
    assert [one.action for one in found] == [
        "lexicon_group_removed", "lexicon_group_changed", "lexicon_group_added"
    ]  # fmt: skip
    assert found[0].before == {"terms": ["不动产权证", "房产证", "厝契"]}
    assert found[1].before == {"terms": ["不动产权证", "房产证"]}
    assert {one.actor_name for one in found} == {"陈管理"}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ((), "请填写词语"),
        (("房产证",), "至少要有两个不同的说法，现在只有“房产证”"),
        (("房产证", "房產證"), "至少要有两个不同的说法"),
        (("房产证", "厝契", "房產證"), "“房产证”和“房產證”是同一个词"),
        (("房产证", "厝"), "“厝”太短"),
        (("房产证", "！？"), "“！？”太短"),
        (("房产证", "长" * 31), "太长，一个词最多 30 个字"),
        (tuple(f"说法{at}" for at in range(31)), "一组最多 30 个词，现在有 31 个"),
        (("公积金", "房积金"), "“公积金”已在“住房公积金、公积金”这一组里"),
        (("ＧＪＪ", "公積金"), "“公積金”已在“住房公积金、公积金”这一组里"),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_why(
    database: Database, texts: tuple[str, ...], told: str
) -> None:
    add(database, "住房公积金", "公积金")
    before = now(database)
    with pytest.raises(ContentError, match=told):
        add(database, *texts)
    assert now(database) == before


def test_a_word_stands_alone_and_once(database: Database) -> None:
    add(database, "近邻党建", kind=Kind.WORD)
    with pytest.raises(ContentError, match="已经是专用词"):
        add(database, "近鄰黨建", kind=Kind.WORD)
    with pytest.raises(ContentError, match="专用词一次写一个"):
        add(database, "多多评", "码上办", kind=Kind.WORD)
    add(database, "近邻党建", "邻里党建")  # the same term may be in a group as well


def test_only_those_who_keep_the_list_change_it(database: Database) -> None:
    group = add(database, "住房公积金", "公积金")
    before = now(database)
    with database.read() as session:
        revision = service.revision(session)
    attempts: list[Callable[..., object]] = [
        lambda session: service.add(session, EDITOR, Kind.GROUP, ("房产证", "厝契")),
        lambda session: service.change(session, EDITOR, group, ("住房公积金", "房积金"), 1),
        lambda session: service.remove(session, EDITOR, group, 1),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowedError), database.write() as session:
            attempt(session)
    assert now(database) == before
    with database.read() as session:
        assert service.revision(session) == revision


def test_of_two_who_change_one_group_the_second_is_told(database: Database) -> None:
    group = add(database, "住房公积金", "公积金")
    change(database, group, "住房公积金", "公积金", "房积金")
    with pytest.raises(ConflictError, match="陈管理刚改过"):
        change(database, group, "住房公积金", "公积金")
    with pytest.raises(ConflictError):
        remove(database, group)
    remove(database, group, seen=2)
    with pytest.raises(NotFoundError):
        remove(database, group, seen=2)


def test_the_list_is_searched_by_any_term(database: Database) -> None:
    group = add(database, "住房公积金", "公积金")
    add(database, "100%报销", "全额报销")
    word = add(database, "公积金", kind=Kind.WORD)
    with database.read() as session:
        assert [one.id for one in service.items(session, None, "公积").rows] == [group, word]
        assert [one.id for one in service.items(session, Kind.WORD, "公积").rows] == [word]
        assert service.items(session, None, "%").total == 1
        assert service.items(session, number=9, size=2).number == 2


def test_the_shipped_list_is_loaded_once_and_never_over_what_staff_made(
    database: Database,
) -> None:
    list_ = shipped()
    assert len(list_.groups) >= 150
    assert load_shipped(database, system()) == len(list_.groups) + len(list_.words)
    assert now(database) == list_
    with database.read() as session:
        first = service.items(session, None, "厝契").rows[0]
    remove(database, first.id)
    assert load_shipped(database, system()) == 0
    with database.read() as session:
        assert service.items(session, None, "厝契").total == 0


def test_a_list_that_staff_began_is_left_alone(database: Database) -> None:
    remove(database, add(database, "住房公积金", "公积金"))
    assert load_shipped(database, system()) == 0
    assert now(database) == Lexicon()


def test_a_file_comes_back_as_it_went_out(tmp_path: Path) -> None:
    path = tmp_path / "词表.txt"
    path.write_text(write(shipped()), encoding="utf-8")
    assert as_lexicon(read(path)) == shipped()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("房产证、厝契\n公积金\n", "第 2 行：一组至少要有两个"),
        ("房产证|厝契\n公积金、房产证", "第 2 行：“房产证”在第 1 行已经有了"),
        ("# 专用词\n多多评、码上办", "第 2 行：专用词一次写一个"),
    ],
)
def test_a_wrong_line_of_a_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "词表.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconFileError, match=told):
        read(path)
    path.write_bytes("房产证、厝契".encode("gb18030"))
    with pytest.raises(LexiconFileError, match="UTF-8"):
        read(path)
    with pytest.raises(LexiconFileError, match="无法读取"):
        read(tmp_path / "没有.txt")


def test_a_file_fills_groups_up_and_takes_nothing_away(database: Database, tmp_path: Path) -> None:
    add(database, "不动产权证", "房产证")
    add(database, "住房公积金", "公积金")
    path = tmp_path / "词表.txt"
    path.write_text("厝契、房产证\n老年证、敬老卡\n公积金、住房公积金\n# 专用词\n多多评", "utf-8")
    with database.write() as session:
        report = put_in(session, MANAGER, read(path))
    assert (report.added, report.filled, report.unchanged) == (2, 1, 1)
    assert ("不动产权证", "房产证", "厝契") in now(database).groups
    path.write_text("营业执照、执照\n房产证、公积金", "utf-8")
    wrong = pytest.raises(LexiconFileError, match="第 2 行：这些词分在不同的组里")
    with wrong, database.write() as session:
        put_in(session, MANAGER, read(path))
    assert ("营业执照", "执照") not in now(database).groups


def test_terms_are_kept_apart_by_what_people_type() -> None:
    assert separated("房产证、厝契| 房本\n\n产权证，房契") == [
        "房产证", "厝契", "房本", "产权证", "房契"
    ]  # fmt: skip


@contextmanager
def searching(settings: Settings, database: Database) -> Iterator[SearchService]:
    service_ = SearchService(settings, database)
    service_.start()
    try:
        yield service_
    finally:
        service_.close()


def founded(database: Database) -> None:
    with database.write() as session:
        owner = add_department(session, code="d", name="资源规划局").id
        add_category(session, code="top", name="办事")
        leaf = add_category(session, code="c", name="不动产", parent="top").id
        for code, question in (
            ("deed", "房产证遗失了怎么补办？"),
            ("card", "身份证遗失了怎么补办？"),
            ("party", "近邻党建服务点在哪里？"),
        ):
            content = EntryContent(question, "请到窗口办理。", leaf)
            entry = create(session, system(), owner, content, code=code)
            publish(session, system(), entry, entry.lock_version)


def test_a_change_counts_in_two_processes_within_a_second_and_after_a_restart(
    database: Database, tmp_path: Path
) -> None:
    founded(database)
    settings = Settings(home=tmp_path / "home", second_encoder="none")

    def score(of: SearchService) -> float:
        hits = of.search("厝契遗失了怎么补办").hits
        return max((hit.score for hit in hits if hit.code == "deed"), default=0.0)

    with searching(settings, database) as one, searching(settings, database) as two:
        before = score(one)
        with database.read() as session:
            tried = service.lexicon_with(session, Kind.GROUP, ("不动产权证", "房产证", "厝契"))
        promised = one.preview("厝契遗失了怎么补办", tried).hits[0]
        assert promised.code == "deed"
        assert promised.score > before
        assert score(one) == before  # trying changes nothing
        group = add(database, "不动产权证", "房产证", "厝契")
        assert within_a_second(lambda: score(one) == score(two) == promised.score)
        remove(database, group)
        assert within_a_second(lambda: score(one) == score(two) == before)
        change(database, add(database, "房产证", "房本"), "房产证", "厝契")
        assert within_a_second(lambda: score(two) > before)
    with searching(settings, database) as restarted:
        assert score(restarted) > before


def test_a_custom_word_reaches_the_index_of_every_process(
    database: Database, tmp_path: Path
) -> None:
    founded(database)
    settings = Settings(home=tmp_path / "home", second_encoder="none")

    def known(of: SearchService) -> int:
        parts = of.replica.index._state.parts
        return sum(int(part.segment.words.frequency(["近邻党建"])[0]) for part in parts)

    with searching(settings, database) as one, searching(settings, database) as two:
        assert known(one) == known(two) == 0
        add(database, "近邻党建", kind=Kind.WORD)
        assert within_a_second(lambda: known(one) == known(two) == 1)
        assert one.search("近邻党建").hits[0].code == "party"
