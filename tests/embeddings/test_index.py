"""The index: exact words, negative questions, changes, snapshots, refusals; and real figures."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.encoders.interface import Vectors
from embeddings.errors import SnapshotError
from embeddings.index import Decision, Document, SearchIndex, lexical
from embeddings.metrics import auroc, mrr_at_k, recall_at_k
from embeddings.text.normalise import normalise
from knowledge.evaluation.cases import read_cases, read_corpus
from knowledge.evaluation.service import outcomes, report
from tests.places import evaluation_data


class BigramEncoder:
    """A stand-in for tests, and honest about it: hashed bigrams, no meaning at all."""

    model_id = "test-bigrams"
    dimension = 64

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for at, text in enumerate(texts):
            for pair in zip(f" {text}", f"{text} ", strict=True):
                digest = hashlib.sha256("".join(pair).encode()).digest()
                vectors[at, digest[0] % self.dimension] += 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


DOCUMENTS = [
    Document(1, ("身份证丢了怎么补办", "补办身份证")),
    Document(2, ("公积金怎么提取", "取公积金"), negatives=("公积金贷款怎么办",)),
    Document(3, ("营业执照在哪里办", "办执照")),
]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    made = SearchIndex(BigramEncoder(), None, VectorCache(tmp_path / "vectors.db"))
    made.rebuild(DOCUMENTS)
    return made


def ids(index: SearchIndex, query: str) -> list[int]:
    return [hit.id for hit in index.search(query).hits]


def test_the_very_words_of_an_entry_lead_to_it(index: SearchIndex) -> None:
    ranking = index.search("请问，取公積金？谢谢")
    assert ranking.decision is Decision.ANSWER
    assert ranking.hits[0].id == 2
    assert ranking.hits[0].score == pytest.approx(0.99)


def test_a_negative_question_does_not_lead_there(index: SearchIndex) -> None:
    ranking = index.search("公积金贷款怎么办")
    assert not (ranking.decision is Decision.ANSWER and ranking.hits[0].id == 2)


@pytest.mark.parametrize("text", ["", "？", "😀😀", " \n"])
def test_nothing_to_read_finds_nothing(index: SearchIndex, text: str) -> None:
    assert index.search(text).hits == ()
    assert index.search(text).decision is Decision.NO_ANSWER


def test_changes_count_at_once_and_what_is_hidden_stays_hidden(index: SearchIndex) -> None:
    index.upsert([Document(1, ("护照去哪里办",)), Document(9, ("老年证怎么办",))])
    assert ids(index, "老年证怎么办")[0] == 9
    assert ids(index, "护照去哪里办")[0] == 1
    assert index.search("身份证丢了怎么补办").hits[0].score < 0.99
    index.remove([9])
    assert 9 not in ids(index, "老年证怎么办")
    assert index.documents == 3
    assert index.search("办执照", visible=lambda document: document != 3).hits[0].id != 3
    assert index.suggest("护照")[0].id == 1


def test_many_small_changes_stay_few_parts(index: SearchIndex) -> None:
    for number in range(100, 160):
        index.upsert([Document(number, (f"第{number}号事项怎么办",))])
    assert index.documents == 63
    assert ids(index, "第133号事项怎么办")[0] == 133


def test_a_snapshot_comes_back_as_it_was(index: SearchIndex, tmp_path: Path) -> None:
    index.upsert([Document(9, ("老年证怎么办",))])
    index.save(tmp_path / "snapshot", "base", 7)
    other = SearchIndex(BigramEncoder(), None, VectorCache(tmp_path / "other.db"))
    assert other.load(tmp_path / "snapshot", "base") == 7
    assert ids(other, "老年证怎么办") == ids(index, "老年证怎么办")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize(
    "name", ["dense_0.faiss", "vectors_0.npy", "phrasings.blob.npy", "manifest.json"]
)
def test_a_damaged_snapshot_is_refused(
    index: SearchIndex, tmp_path: Path, damage: Callable[[Path], None], name: str
) -> None:
    index.save(tmp_path / "snapshot", "base", 7)
    damage(tmp_path / "snapshot" / name)
    with pytest.raises(SnapshotError):
        index.load(tmp_path / "snapshot", "base")
    assert ids(index, "办执照")[0] == 3


def test_a_foreign_snapshot_is_refused(index: SearchIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "snapshot", "base", 7)
    with pytest.raises(SnapshotError, match="另一个知识库"):
        index.load(tmp_path / "snapshot", "other base")


def test_text_is_brought_to_one_form() -> None:
    assert normalise("請問，ＡＢＣ 居 住證 怎麼辦？謝謝！") == "abc居住证怎么办"
    assert normalise("你好") == "你好"


def test_bm25_agrees_with_the_formula_written_out() -> None:
    texts = [["a", "b", "a"], ["b", "c"], ["c"], ["a", "c", "c", "d"]]
    query = ["a", "c", "x"]
    postings = lexical.build(texts)
    found = postings.scores(lexical.idf(query, [postings]), np.arange(len(texts)))
    mean = sum(map(len, texts)) / len(texts)
    for at, text in enumerate(texts):
        expected = 0.0
        for token in set(query):
            df = sum(token in one for one in texts)
            weight = np.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
            tf = text.count(token)
            norm = lexical.K1 * (1 - lexical.B + lexical.B * len(text) / mean)
            expected += weight * tf * (lexical.K1 + 1) / (tf + norm)
        assert found[at] == pytest.approx(expected, rel=1e-5)


def test_metrics() -> None:
    ranked = [(["a", "b"], {"b"}), (["c"], {"c"}), (["d"], {"x"})]
    assert recall_at_k(ranked, 1) == pytest.approx(1 / 3)
    assert mrr_at_k(ranked, 10) == pytest.approx(0.5)
    assert auroc([3, 2], [1, 2]) == pytest.approx(0.875)


def test_vectors_are_computed_once(tmp_path: Path) -> None:
    encoder = BigramEncoder()
    first = VectorCache(tmp_path / "v.db").encode(encoder, ["一", "二", "一"])
    encoder.encode = None  # type: ignore[assignment, method-assign]
    again = VectorCache(tmp_path / "v.db").encode(encoder, ["二", "一"])
    assert np.array_equal(again[0], first[1])


def test_real_questions_of_a_real_city_reach_the_promised_figures(tmp_path: Path) -> None:
    data = evaluation_data() / "eval" / "gov_dev"
    corpus = read_corpus(data / "corpus.jsonl")
    cases = read_cases(data / "queries.jsonl", frozenset(corpus.names.values()))
    outside = read_cases(data / "out_of_scope.jsonl", frozenset())
    index = SearchIndex(load_encoder("e5"), load_encoder("use"), VectorCache(tmp_path / "v.db"))
    index.rebuild(corpus.documents)
    figures = report(corpus, outcomes(index, corpus, cases), outcomes(index, corpus, outside))
    assert figures["lenient_at_1"] >= 0.80
    assert figures["recall_at_5"] >= 0.94
    assert figures["out_of_scope"]["auroc"] >= 0.992
    assert figures["decisions"]["answer"]["precision"] >= 0.9


def test_a_search_leaves_the_encoder_its_threads(index: SearchIndex) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    try:
        index.search("居住证")
        assert faiss.omp_get_max_threads() == 2
    finally:
        faiss.omp_set_num_threads(before)


def test_a_word_that_may_mean_several_entries_is_never_answered_directly(
    index: SearchIndex,
) -> None:
    index.upsert([Document(4, ("执照丢了怎么补", "补执照"))])
    assert index.search("执照").decision is not Decision.ANSWER
    assert index.explain("执照").vague
    assert not index.explain("执照在哪里办").vague
    index.remove([4])
    assert not index.explain("执照").vague


def test_an_explanation_agrees_with_the_search(index: SearchIndex) -> None:
    found, ranking = index.explain("在哪里办营业执照呀"), index.search("在哪里办营业执照呀", 10)
    assert found.ranking == ranking
    assert tuple(one.hit for one in found.candidates) == ranking.hits
    lifts = [sum(one.contributions.values()) for one in found.candidates]
    assert lifts == sorted(lifts, reverse=True)
    assert index.explain("？！").candidates == ()
