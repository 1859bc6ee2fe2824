"""Synonyms and custom words, on a list alone and on an index that uses them."""

from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from embeddings.index import Document, SearchIndex
from embeddings.index import query as queries
from embeddings.text.lexicon import EMPTY, Lexicon
from embeddings.text.segment import words
from tests.embeddings.encoder import NgramEncoder

LEXICON = Lexicon(
    groups=(
        ("住房公积金", "公积金", "房积金"),
        ("不动产权证", "房产证", "厝契"),
        ("身份证", "居民身份证", "ID Card"),
        ("儿童", "小孩"),
    ),
    words=("儿童节", "近邻党建"),
)
DOCUMENTS = [
    Document(1, ("房产证丢了怎么补办", "补办房产证", "房产证遗失")),
    Document(2, ("住房公积金怎么提取", "提取住房公积金")),
    Document(3, ("身份证丢了怎么补办", "补办身份证")),
    Document(4, ("近邻党建服务点在哪里", "党建服务点")),
    Document(5, ("营业执照丢了怎么补办", "补办营业执照")),
]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    made = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "vectors.db"))
    made.rebuild(DOCUMENTS)
    return made


def anything(_: str) -> bool:
    return True


def test_one_term_at_a_time_is_said_in_other_words() -> None:
    assert LEXICON.variants("房积金怎么提取") == ("住房公积金怎么提取", "公积金怎么提取")
    assert set(LEXICON.variants("房产证和身份证")) == {
        "不动产权证和身份证",
        "厝契和身份证",
        "房产证和居民身份证",
        "房产证和id card",
    }
    assert LEXICON.variants("营业执照") == ()


def test_the_longest_term_is_found_and_nothing_inside_it() -> None:
    variants = LEXICON.variants("住房公积金")
    assert "住房住房公积金" not in variants
    assert set(variants) == {"公积金", "房积金"}


def test_a_custom_word_is_kept_and_latin_words_are_not_cut_in_two() -> None:
    assert LEXICON.variants("儿童节放假") == ()
    assert Lexicon((("不停车收费", "ETC"),)).variants("sketch办理") == ()
    assert Lexicon((("不停车收费", "ETC"),)).variants("etc办理") == ("不停车收费办理",)
    assert "近邻党建" in words("近邻党建服务点", LEXICON)
    assert "近邻党建" not in words("近邻党建服务点", EMPTY)
    assert set(words("近邻党建服务点", EMPTY)) <= set(words("近邻党建服务点", LEXICON))


def test_only_words_that_the_base_does_not_use_are_rewritten() -> None:
    def known(term: str) -> bool:
        return term == "房产证"

    assert LEXICON.rewritten("厝契丢了", known) == "房产证丢了"
    assert LEXICON.rewritten("房产证丢了", known) is None
    assert LEXICON.rewritten("房积金丢了", known) is None
    assert LEXICON.rewritten("厝契丢了", lambda _: False) is None
    assert LEXICON.rewritten("厝契丢了", anything) is None


def test_long_questions_stay_bounded() -> None:
    assert len(LEXICON.variants("身份证厝契公积金小孩" * 20)) <= 16


def test_a_list_counts_at_once_and_ends_at_once(index: SearchIndex) -> None:
    before = index.search("厝契丢了怎么补办")
    index.use(LEXICON)
    after = index.search("厝契丢了怎么补办")
    assert after.hits[0].id == 1
    assert after.hits[0].score > max(hit.score for hit in before.hits if hit.id == 1)
    index.use(EMPTY)
    assert index.search("厝契丢了怎么补办") == before


def test_a_list_may_be_tried_before_it_counts(index: SearchIndex) -> None:
    before = index.search("厝契丢了怎么补办")
    tried = index.preview("厝契丢了怎么补办", LEXICON)
    assert index.search("厝契丢了怎么补办") == before
    index.use(LEXICON)
    assert index.search("厝契丢了怎么补办") == tried


def test_having_synonyms_costs_a_question_nothing(index: SearchIndex) -> None:
    """The base says it in the question's own words: the scores stay where they were."""
    segments = [part.segment for part in index._state.parts]
    plain = queries.weigh("房产证怎么补办", (), segments)
    asked = queries.weigh("房产证怎么补办", (), segments, LEXICON)
    assert asked.wanted == plain.wanted
    assert plain.characters.items() <= asked.characters.items()
    added = asked.characters.keys() - plain.characters.keys()
    assert {"契", "厝契"} <= added
    own = index.search("房产证怎么补办").hits[0]
    index.use(LEXICON)
    assert index.search("房产证怎么补办").hits[0].id == own.id
    assert index.search("房产证怎么补办").hits[0].score >= own.score - 0.02


def test_another_word_is_never_worth_more_than_ones_own(index: SearchIndex) -> None:
    segments = [part.segment for part in index._state.parts]
    asked = queries.weigh("厝契丢了", (), segments, LEXICON)
    plain = queries.weigh("厝契丢了", (), segments)
    lost = sum(plain.characters[token] for token in ("厝", "契", "厝契", "契丢"))
    gained = sum(asked.characters.get(token, 0.0) for token in ("房", "产", "证", "房产", "产证"))
    assert 0 < gained < lost


def test_custom_words_reach_what_is_indexed_without_a_rebuild(index: SearchIndex) -> None:
    def frequency() -> int:
        return sum(
            int(part.segment.words.frequency(["近邻党建"])[0]) for part in index._state.parts
        )

    assert frequency() == 0
    index.use(LEXICON)
    assert frequency() == 1
    index.upsert([Document(9, ("近邻党建是什么",))])
    assert frequency() == 2
    assert index.search("近邻党建").hits[0].id in {4, 9}
    index.use(EMPTY)
    assert frequency() == 0


def test_a_loaded_snapshot_and_a_rebuild_keep_the_words(index: SearchIndex, tmp_path: Path) -> None:
    index.use(LEXICON)
    index.save(tmp_path / "snapshot", "base", 7)
    other = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "other.db"))
    other.use(LEXICON)
    other.load(tmp_path / "snapshot", "base")
    assert other.search("近邻党建服务").hits[0].id == 4
    assert other._state.parts[0].segment.words.frequency(["近邻党建"]).tolist() == [1]
    other.rebuild(DOCUMENTS)
    assert other._state.parts[0].segment.words.frequency(["近邻党建"]).tolist() == [1]


def test_type_ahead_knows_other_words_too(index: SearchIndex) -> None:
    assert 1 not in [one.id for one in index.suggest("厝契")]
    index.use(LEXICON)
    assert index.suggest("厝契")[0].id == 1
