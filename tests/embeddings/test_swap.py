"""One document in another wording beside what is served: the same as if it were served."""

from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from embeddings.index import Decision, Document, SearchIndex
from embeddings.index.swap import Asked, Swap
from tests.embeddings.encoder import NgramEncoder

MATTERS = ("居住证", "社保卡", "营业执照", "老年证", "残疾证", "驾驶证", "护照", "房产证")
WAYS = ("{}怎么办理", "办{}要带什么", "{}丢了如何补办", "哪里可以办{}")
BASE = [
    Document(number, tuple(way.format(matter) for way in WAYS))
    for number, matter in enumerate(MATTERS, start=1)
]
ASKED = ("护照遗失了去哪里补", "办社保卡带什么", "花生什么时候种", "老年证哪里办", "", "护照")


def everywhere(_: int) -> bool:
    return True


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    one, other = NgramEncoder("one"), NgramEncoder("other", 64)
    made = SearchIndex(one, other, VectorCache(tmp_path / "vectors.db"))
    made.rebuild(BASE)
    return made


def by_text(found: list[Asked]) -> dict[str, Asked]:
    return {one.text: one for one in found}


def test_it_ranks_as_a_search_would_before_and_after_and_serves_nothing_new(
    index: SearchIndex,
) -> None:
    new = Document(2, ("护照遗失了去哪里补", *BASE[1].phrasings), ("社保卡丢了如何补办",))
    served = index.state
    swap = index.beside(new)
    found = by_text(swap.near(ASKED))
    before = {text: index.search(text) for text in ASKED}
    tried = {text: swap.rankings(one, 5, everywhere, everywhere) for text, one in found.items()}
    assert index.state is served
    index.upsert([new])
    for text, (was, becomes) in tried.items():
        assert [hit.id for hit in was.hits] == [hit.id for hit in before[text].hits]
        after = index.search(text)
        assert (becomes.decision, becomes.hits[0].id) == (after.decision, after.hits[0].id)
        assert becomes.hits[0].score == pytest.approx(after.hits[0].score, abs=0.02)
    for text in set(ASKED) - set(found):  # what was not looked at does not change
        was, after = before[text], index.search(text)
        assert [hit.id for hit in was.hits[:1]] == [hit.id for hit in after.hits[:1]]
        assert was.decision is after.decision
    taken = tried["护照遗失了去哪里补"]
    assert [one.hits[0].id for one in taken] == [7, 2]
    assert taken[1].decision is Decision.ANSWER


def test_a_stored_phrasing_is_asked_without_itself(index: SearchIndex) -> None:
    text = BASE[6].phrasings[2]  # 护照丢了如何补办
    new = Document(2, (*BASE[1].phrasings, "护照丢了怎样补办", "丢了护照如何补办"))
    found = by_text(index.beside(new).phrasings())
    assert found[text].own == 7
    swap = index.beside(new)
    before, after = swap.rankings(found[text], 5, everywhere, everywhere)
    assert before.hits[0].score < 0.99  # in its own words it would be sure
    assert before.hits[0].matched_phrasing != text
    assert after.hits[0].id == 2


def test_a_new_document_and_an_empty_base(index: SearchIndex, tmp_path: Path) -> None:
    new = Document(0, ("厝契丢了怎么办", "护照怎么办理"))
    hits = dict(index.beside(new).others(5, everywhere))
    assert hits["护照怎么办理"].hits[0].id == 7
    empty = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "empty.db"))
    swap = empty.beside(new)
    assert swap.near(["厝契丢了怎么办"])[0].likeness == pytest.approx(1, abs=1e-3)
    before, after = swap.rankings(Asked("厝契丢了怎么办", 1.0, None, swap.near(
        ["厝契丢了怎么办"])[0].vectors), 5, everywhere, everywhere)  # fmt: skip
    assert before.hits == ()
    assert after.hits[0].id == 0


def test_what_is_out_of_service_stays_out(index: SearchIndex) -> None:
    swap: Swap = index.beside(Document(2, ("护照丢了怎样补办",)))
    asked = by_text(swap.near(["护照丢了怎样补办"]))["护照丢了怎样补办"]
    before, after = swap.rankings(asked, 5, lambda one: one != 7, lambda one: one != 2)
    assert 7 not in [hit.id for hit in before.hits]
    assert 2 not in [hit.id for hit in after.hits]
