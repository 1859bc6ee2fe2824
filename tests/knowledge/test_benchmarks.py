"""What benchmarks measure with is what it says: made bases, plain ways to search, sizes."""

from pathlib import Path

import click
import numpy as np
import pytest

from embeddings.cache import VectorCache
from embeddings.index import Document
from embeddings.text.normalise import normalise
from knowledge.benchmarks.against import _figures
from knowledge.benchmarks.made import MadeBase
from knowledge.benchmarks.rivals import (
    Phrasings,
    Search,
    bm25_alone,
    dense_alone,
    full_text_alone,
)
from knowledge.evaluation.cases import Case, Corpus
from tests.embeddings.encoder import NgramEncoder
from web.cli.bench import sizes_of
from web.cli.bench.texts import REAL, phrasings, questions

DOCUMENTS = [
    Document(1, ("身份证丢了怎么补办", "补办身份证")),
    Document(2, ("公积金怎么提取",)),
    Document(3, ("老年证在哪里办",)),
]


def ways(path: Path) -> list[Search]:
    base = Phrasings(DOCUMENTS)
    dense = dense_alone(base, NgramEncoder(), VectorCache(path / "v.db"))
    return [dense, bm25_alone(base), full_text_alone(base)]


def test_each_plain_way_finds_the_entry_and_once(tmp_path: Path) -> None:
    for search in ways(tmp_path):
        found = search("请问，身份证怎么补办？")
        assert found[0][0] == 1
        assert len({document for document, _ in found}) == len(found)
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)


def test_words_that_stand_nowhere_find_nothing_in_words(tmp_path: Path) -> None:
    _, bm25, full_text = ways(tmp_path)
    for text in ("量子力学", '"OR" * NEAR(', "？"):
        assert bm25(text) == full_text(text) == []


def test_figures_of_a_way_to_search() -> None:
    corpus = Corpus(DOCUMENTS, {1: "a", 2: "b", 3: "c"})
    answers = {"甲": [(1, 0.9), (2, 0.1)], "乙": [(2, 0.8), (3, 0.5)], "丙": [(3, 0.2)], "丁": []}
    cases = [Case("甲", frozenset("a")), Case("乙", frozenset("c"), frozenset("b"))]
    outside = [Case("丙", frozenset()), Case("丁", frozenset())]
    figures = _figures(lambda text: answers[text], corpus, cases, outside)
    assert figures.pop("latency_ms").keys() == {"p50", "p95"}
    assert figures == {
        "recall_at_1": 0.5,
        "lenient_at_1": 1.0,
        "recall_at_5": 1.0,
        "mrr_at_10": 0.75,
        "auroc": 1.0,
    }


def test_a_made_base_is_real_first_and_then_as_far_away_as_a_place_name_is(tmp_path: Path) -> None:
    encoder = NgramEncoder(dimension=512)
    real = phrasings(500)
    base = MadeBase(real, 2_000)
    cache = VectorCache(tmp_path / "made.db")
    cosine = base.keep_vectors(encoder, VectorCache(tmp_path / "known.db"), cache)
    documents = list(base.documents())
    texts = [text for one in documents for text in one.phrasings]
    assert len(documents) == 400
    assert texts[:500] == real
    assert len(set(texts)) == len(texts) == 2_000
    encoder.asked.clear()
    vectors = cache.encode(encoder, [normalise(text) for text in texts])
    assert encoder.asked == []
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    measured = (vectors[500:1000] * vectors[:500]).sum(axis=1)
    assert 0.5 < cosine < 1
    assert measured.mean() == pytest.approx(cosine, abs=0.02)


def test_questions_are_no_phrasings() -> None:
    texts = phrasings(REAL)
    assert len(set(texts)) == len(texts) == REAL
    assert not set(questions()) & set(texts)


@pytest.mark.parametrize("text", ["", "1000;2000", "zehn", "5", "9000000"])
def test_sizes_that_cannot_be_measured_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        sizes_of(text)


def test_sizes_are_read() -> None:
    assert sizes_of("1000, 20000,") == [1000, 20000]
