"""Snapshot and delta: changes count at once, old wordings leave, parts stay few."""

import random
import threading
from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from embeddings.errors import SnapshotError
from embeddings.index import Decision, Document, SearchIndex
from embeddings.index.segment import Segment
from embeddings.index.segment import build as build_segment
from embeddings.index.state import Part, State
from tests.embeddings.encoder import NgramEncoder

SERVICES = [
    "身份证补办", "公积金提取", "营业执照办理", "老年证申请", "护照换发",
    "社保转移", "生育津贴", "居住证续签", "婚姻登记", "车辆年检",
]  # fmt: skip


def document(number: int, subject: str) -> Document:
    return Document(number, (f"{subject}怎么办", f"在哪里{subject}", f"{subject}要什么材料"))


def built(path: Path, second: bool = False) -> SearchIndex:
    other = NgramEncoder("test-second", 48) if second else None
    return SearchIndex(NgramEncoder(), other, VectorCache(path / "v.db"))


@pytest.fixture(params=[False, True], ids=["one encoder", "two encoders"])
def index(tmp_path: Path, request: pytest.FixtureRequest) -> SearchIndex:
    made = built(tmp_path, request.param)
    made.rebuild(document(at, subject) for at, subject in enumerate(SERVICES))
    return made


def best(index: SearchIndex, question: str) -> int:
    return index.search(question).hits[0].id


def test_every_phrasing_leads_to_its_document_and_nearly_surely(index: SearchIndex) -> None:
    for at, subject in enumerate(SERVICES):
        for phrasing in document(at, subject).phrasings:
            ranking = index.search(phrasing)
            assert ranking.decision is Decision.ANSWER
            assert (ranking.hits[0].id, ranking.hits[0].matched_phrasing) == (at, phrasing)
            assert ranking.hits[0].score == pytest.approx(0.99)


def test_scores_are_chances_best_first_each_document_once(index: SearchIndex) -> None:
    for question in ("身份证", "怎么办", "补办老年证", "量子力学", "公积金转移和提取"):
        hits = index.search(question, limit=10).hits
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert sum(scores) <= 1 + 1e-6
        assert len({hit.id for hit in hits}) == len(hits)


@pytest.mark.parametrize("limit", [1, 3, 10, 20])
def test_no_more_hits_than_asked_for(index: SearchIndex, limit: int) -> None:
    assert len(index.search("怎么办", limit=limit).hits) == min(limit, len(SERVICES))


def test_an_empty_index_knows_nothing(tmp_path: Path) -> None:
    empty = built(tmp_path)
    assert empty.search("怎么办").decision is Decision.NO_ANSWER
    assert empty.suggest("怎么办") == []
    empty.rebuild([])
    assert empty.search("怎么办").hits == ()
    empty.upsert([document(1, "身份证补办")])
    assert best(empty, "身份证补办怎么办") == 1
    empty.remove([1])
    assert empty.search("身份证补办怎么办").hits == ()
    assert empty.documents == 0


def test_two_documents_that_say_the_same_are_asked_back_about(index: SearchIndex) -> None:
    index.upsert([Document(77, ("身份证补办怎么办",))])
    ranking = index.search("身份证补办怎么办")
    assert ranking.decision is Decision.CLARIFY
    assert {hit.id for hit in ranking.hits[:2]} == {0, 77}


def test_a_negative_question_turns_its_document_away(index: SearchIndex) -> None:
    changed = document(1, "公积金提取")
    index.upsert([Document(1, changed.phrasings, ("公积金提取能代办吗",))])
    ranking = index.search("公积金提取能代办吗")
    assert not (ranking.decision is Decision.ANSWER and ranking.hits[0].id == 1)
    assert best(index, "公积金提取怎么办") == 1


def test_what_is_not_visible_is_found_by_no_road(index: SearchIndex) -> None:
    def visible(number: int) -> bool:
        return number != 0

    for question in ("身份证补办怎么办", "身份证", "怎么办"):
        assert 0 not in {hit.id for hit in index.search(question, 10, visible).hits}
    assert 0 not in {one.id for one in index.suggest("身份证", visible=visible)}
    assert index.search("怎么办", 10, lambda _: False).hits == ()


def test_after_any_changes_it_finds_what_a_fresh_index_finds(tmp_path: Path) -> None:
    """Three hundred random changes, then compare with an index of what should be there."""
    chance = random.Random(12345)
    changing = built(tmp_path)
    there = {at: document(at, subject) for at, subject in enumerate(SERVICES)}
    changing.rebuild(there.values())
    for step in range(300):
        number = chance.randrange(40)
        if chance.random() < 0.35:
            there.pop(number, None)
            changing.remove([number])
        else:
            there[number] = document(number, f"{chance.choice(SERVICES)}第{step}次")
            changing.upsert([there[number]])
    assert changing.documents == len(there)
    assert changing.phrasings == 3 * len(there)
    for one in there.values():
        for phrasing in one.phrasings:
            assert best(changing, phrasing) == one.id
    found = {hit.id for hit in changing.search("怎么办", limit=20).hits}
    assert found <= there.keys()


def test_a_saved_delta_comes_back_whole(tmp_path: Path) -> None:
    first = built(tmp_path)
    first.rebuild(document(at, subject) for at, subject in enumerate(SERVICES))
    first.upsert([document(50, "高龄补贴"), document(0, "身份证换领")])
    first.remove([3])
    first.save(tmp_path / "snapshot", "base", 9)
    second = built(tmp_path)
    assert second.load(tmp_path / "snapshot", "base") == 9
    assert second.documents == first.documents == 10
    assert second.calibration == first.calibration
    for question in ("高龄补贴怎么办", "身份证换领怎么办", "老年证申请怎么办", "营业执照", "量子"):
        assert second.search(question) == first.search(question)
    assert 3 not in {hit.id for hit in second.search("老年证申请怎么办", 10).hits}


def test_saving_replaces_the_snapshot_and_leaves_nothing_beside(
    index: SearchIndex, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots" / "index"
    for revision in (1, 2, 3):
        index.upsert([document(60 + revision, f"第{revision}项")])
        index.save(folder, "base", revision)
    assert index.load(folder, "base") == 3
    assert [path.name for path in folder.parent.iterdir()] == ["index"]


def test_a_snapshot_of_another_model_or_none_is_refused(tmp_path: Path) -> None:
    first = built(tmp_path)
    first.rebuild([document(0, "身份证补办")])
    first.save(tmp_path / "snapshot", "base", 1)
    with pytest.raises(SnapshotError, match="别的编码器"):
        built(tmp_path, second=True).load(tmp_path / "snapshot", "base")
    with pytest.raises(SnapshotError, match="还没有索引快照"):
        first.load(tmp_path / "nowhere", "base")


def test_searches_go_on_while_the_index_changes(tmp_path: Path) -> None:
    index = built(tmp_path)
    index.rebuild(document(at, subject) for at, subject in enumerate(SERVICES))
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            hits = index.search("身份证补办怎么办").hits
            if not hits or hits[0].id != 0:
                wrong.append(repr(hits))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(100, 140):
        index.upsert([document(number, f"第{number}项")])
        index.remove([number - 2])
    index.rebuild(document(at, subject) for at, subject in enumerate(SERVICES))
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert index.documents == len(SERVICES)


def test_a_change_leaves_the_state_before_it_alone(tmp_path: Path) -> None:
    encoder, cache = NgramEncoder(), VectorCache(tmp_path / "v.db")

    def build(documents: object) -> Segment:
        assert isinstance(documents, list | tuple)
        return build_segment(documents, [encoder], cache)

    before = State((Part(build([document(1, "甲项"), document(2, "乙项")])),))
    after = before.without([1]).plus([document(3, "丙项")], build)
    assert (before.documents, after.documents) == (2, 2)
    assert [part.gone for part in after.parts] == [frozenset({1}), frozenset()]
    assert before.without([99]) == before
    again = after.plus([document(3, "丁项")], build)
    assert again.documents == 2
    assert [len(part.segment.documents) for part in again.parts] == [2, 1]


def test_many_changes_make_few_parts(tmp_path: Path) -> None:
    encoder, cache = NgramEncoder(), VectorCache(tmp_path / "v.db")
    state = State((Part(build_segment([document(0, "甲项")], [encoder], cache)),))
    for number in range(1, 200):
        state = state.plus(
            [document(number, f"第{number}项")],
            lambda documents: build_segment(documents, [encoder], cache),
        )
        assert len(state.parts) <= 12
    assert state.documents == 200
