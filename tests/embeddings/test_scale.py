"""From a thousand phrasings to many: kinds of index, postings cut short, mapped snapshots."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Vectors
from embeddings.errors import EncoderError, VectorsError
from embeddings.index import Document, SearchIndex, dense, lexical
from embeddings.index.texts import Documents, Keys, Texts, bounds
from tests.embeddings.encoder import NgramEncoder

LETTERS = "abcdefghijklmnopqrst"


def near(vectors: Vectors, query: Vectors, rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.sort(vectors[rows] @ query)[::-1][:10]
    return found


def clouds(count: int, dimension: int) -> Vectors:
    """Texts come in groups that mean nearly the same; so do these vectors."""
    chance = np.random.default_rng(5)
    centres = chance.standard_normal((count // 20, dimension))
    vectors = np.repeat(centres, 20, axis=0) + 0.4 * chance.standard_normal((count, dimension))
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.mark.parametrize("count", [4_000, 12_000])
def test_each_kind_of_index_finds_the_ten_nearest(count: int) -> None:
    vectors = clouds(count, 32)
    index = dense.build(vectors)
    assert (count > dense.EXACT_UP_TO) == hasattr(index, "nprobe")
    found = 0
    for at in range(0, count, count // 100):
        exact = near(vectors, vectors[at], np.arange(count))
        rows = dense.nearest(index, vectors[at], 96)
        found += int((near(vectors, vectors[at], rows) >= exact[-1] - 1e-6).sum())
    assert found >= 0.99 * 1000


def test_many_vectors_are_kept_at_half_precision_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(at, (f"第{at}号事项怎么办", f"{at}号在哪里办")) for at in range(150)]
    whole = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "whole.db"))
    whole.rebuild(documents)
    monkeypatch.setattr(dense, "WHOLE_UP_TO", 100)
    half = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "half.db"))
    half.rebuild(documents)
    assert half.state.parts[0].segment.dense[0].vectors.dtype == np.float16
    half.save(tmp_path / "snapshot", "base", 1)
    half.load(tmp_path / "snapshot", "base")
    for question in ("第7号事项怎么办", "第37号的事项要怎么办", "149号在哪里"):
        ours, theirs = half.search(question), whole.search(question)
        assert ours.decision is theirs.decision
        scores = [hit.score for hit in theirs.hits]
        assert [hit.score for hit in ours.hits] == pytest.approx(scores, abs=2e-3)


def test_a_snapshots_large_arrays_are_mapped_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "v.db"))
    index.rebuild(Document(at, (f"第{at}号事项怎么办",)) for at in range(400))
    index.save(tmp_path / "snapshot", "base", 1)
    index.load(tmp_path / "snapshot", "base")
    vectors = index.state.parts[0].segment.dense[0].vectors
    assert isinstance(vectors.base, np.memmap)
    assert not vectors.flags.writeable
    assert str(vectors.base.filename).endswith("vectors_0.npy")


def test_candidates_are_the_best_texts_while_postings_are_few() -> None:
    chance = random.Random(3)
    for _ in range(60):
        texts = [
            [chance.choice(LETTERS) for _ in range(chance.randrange(1, 12))]
            for _ in range(chance.randrange(1, 300))
        ]
        postings = lexical.build(texts)
        asked = lexical.idf([chance.choice(LETTERS + "uv") for _ in range(6)], [postings])
        scores = postings.scores(asked, np.arange(len(texts)))
        for count in (1, 5, 48):
            rows = postings.top(asked, count)
            assert len(set(rows.tolist())) == len(rows) == min(count, int((scores > 0).sum()))
            best = np.sort(scores)[len(scores) - len(rows) :]
            assert np.sort(scores[rows]) == pytest.approx(best, abs=1e-5)


def test_frequent_tokens_are_cut_short_and_still_score_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [["the", *(["pad"] * (at % 7)), f"t{at % 50}"] for at in range(500)]
    whole = lexical.build(texts)
    monkeypatch.setattr(lexical, "READ", 80)
    monkeypatch.setattr(lexical, "READ_SHARE", 0)
    cut = lexical.build(texts)
    asked = lexical.idf(["the", "t7"], [whole])
    assert lexical.idf(["the", "t7"], [cut]) == asked
    rows = np.arange(500)
    assert np.array_equal(cut.scores(asked, rows), whole.scores(asked, rows))
    assert set(cut.top(asked, 10).tolist()) == set(range(7, 500, 50))
    lightest = {len(texts[row]) for row in cut.top({"the": 1.0}, 40)}
    assert lightest == {2}  # of a frequent token the shortest texts are left


def test_texts_documents_and_keys_come_back_as_they_were() -> None:
    documents = [
        Document(7, ("怎么办？", "怎 么 办"), ("不办",), "答"),
        Document(3, ("😀", "ABC")),
        Document(5, ("怎么办",)),
    ]
    held = Documents.of(documents)
    assert list(held) == documents
    assert held[-1] == documents[2]
    assert held.holding([3, 4, 5]) == {3, 5}
    assert held.length([7, 5]) == 3
    owners = np.repeat(np.arange(3), np.diff(held.starts))
    keys = Keys.of(["怎么办", "怎么办", "", "abc", "怎么办"], held.phrasings, owners)
    assert keys.get("怎么办") == (0, 2)
    assert keys.get("abc") == (1,)
    assert keys.get("没有", (9,)) == (9,)
    assert keys.get("") == ()
    assert list(Texts.of([])) == []
    assert bounds([2, 0, 1]).tolist() == [0, 2, 2, 3]


class Faulty(NgramEncoder):
    """Returns what `spoil` makes of the vectors of texts that contain `word`."""

    word = "坏"
    shorter = False

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = super().encode(texts)
        vectors[[at for at, text in enumerate(texts) if self.word in text]] = np.nan
        return vectors[:, :-1] if self.shorter else vectors


def test_documents_whose_vectors_are_no_numbers_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = SearchIndex(Faulty(), None, VectorCache(tmp_path / "v.db"))
    index.rebuild([Document(1, ("身份证补办", "坏的问法")), Document(2, ("公积金提取",))])
    assert index.documents == 1
    assert "[1]" in caplog.text
    assert "坏的问法" not in caplog.text
    index.upsert([Document(3, ("老年证怎么办",)), Document(2, ("坏掉的公积金",))])
    assert index.search("老年证怎么办").hits[0].id == 3
    assert 2 not in {hit.id for hit in index.search("公积金提取").hits}
    index.upsert([Document(4, ("坏",))])
    assert index.documents == 1
    with pytest.raises(VectorsError, match="无效的数值"):
        index.search("坏天气")
    assert index.search("老年证怎么办").hits[0].id == 3


def test_an_encoder_that_is_wholly_wrong_is_named_and_what_was_indexed_stays(
    tmp_path: Path,
) -> None:
    encoder = Faulty("broken-model")
    index = SearchIndex(encoder, None, VectorCache(tmp_path / "v.db"))
    index.rebuild([Document(1, ("身份证补办",))])
    with pytest.raises(EncoderError, match="broken-model"):
        index.rebuild([Document(2, ("坏",))])
    encoder.shorter = True
    with pytest.raises(EncoderError, match=r"broken-model 应返回 1 个 96 维.*\(1, 95\)"):
        index.upsert([Document(2, ("公积金提取",))])
    encoder.shorter = False
    assert index.search("身份证补办").hits[0].id == 1
