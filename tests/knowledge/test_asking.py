"""Two questions in one message are both answered; a long story's question is found.

The share right is of those that are found when they are asked alone, in the same words.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from embeddings.index import Decision
from embeddings.text.askings import askings
from knowledge.search.result import SearchResult
from knowledge.search.service import SearchService
from tests.conftest import Served
from web.services import KEY

DATA = Path(__file__).parent / "asking"
CONNECTED = (
    "{}，另外{}", "{}？还有，{}？", "{}。顺便问一下，{}", "{}，以及{}", "{}？还想问，{}",
    "{}？{}？", "{}，{}？", "{}；{}", "1. {} 2. {}", "第一个问题，{}；第二个问题，{}",
)  # fmt: skip


def lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").splitlines()


QUESTIONS = [line.split(" ", 1) for line in lines("questions.txt")]
STORIES = (DATA / "stories.txt").read_text(encoding="utf-8").strip().split("\n---\n")


@pytest.fixture
def search(served: Served) -> SearchService:
    found: SearchService = served.app.extensions[KEY].search
    return found


def finds(result: SearchResult, code: str) -> bool:
    if result.decision is Decision.ANSWER:
        return result.hits[0].code == code
    return result.decision is Decision.CLARIFY and code in [hit.code for hit in result.hits]


@pytest.fixture
def known(search: SearchService) -> list[list[str]]:
    return [one for one in QUESTIONS if finds(search.search(one[1]), one[0])]


def places(results: Sequence[SearchResult], code: str) -> list[int]:
    return [at for at, result in enumerate(results) if finds(result, code)]


def test_two_questions_are_both_found_in_their_order(
    search: SearchService, known: list[list[str]]
) -> None:
    assert len(known) >= 45
    right = 0
    for at, (code, text) in enumerate(known):
        other, further = known[(at + 17) % len(known)]
        found = search.ask(CONNECTED[at % len(CONNECTED)].format(text, further)).results
        first, second = places(found, code), places(found, other)
        right += bool(first and second and len(found) == 2 and first[0] < second[-1])
    print(f"doubles: {right} of {len(known)}")  # noqa: T201 - a figure of record 0012
    assert right >= 0.85 * len(known)


def test_a_storys_question_is_found(search: SearchService, known: list[list[str]]) -> None:
    right = split = 0
    for at, (code, text) in enumerate(known):
        story = STORIES[at % len(STORIES)].format(q=text)
        assert len(story) >= 270
        right += finds(search.search(story), code)
        split += len(search.ask(story).results) > 1
    print(f"stories: {right} of {len(known)}, {split} split")  # noqa: T201
    assert right >= 0.9 * len(known)
    assert split <= 0.1 * len(known)


def test_a_story_that_asks_for_what_no_hotline_knows_is_not_answered(
    search: SearchService,
) -> None:
    texts = lines("elsewhere.txt")
    found = [
        search.search(story.format(q=texts[at % len(texts)])).decision
        for at, story in enumerate(STORIES)
    ]
    print(f"elsewhere: {found.count(Decision.NO_ANSWER)} of {len(found)} refused")  # noqa: T201
    # Complaints of windows and of calls unanswered do resemble entries of this base, which is
    # about them: some are asked back. None may be answered.
    assert found.count(Decision.ANSWER) == 0
    assert found.count(Decision.NO_ANSWER) >= 0.3 * len(found)


@pytest.mark.parametrize("text", lines("one_each.txt"))
def test_a_condition_with_its_question_is_one_question(search: SearchService, text: str) -> None:
    assert [one.query for one in search.ask(text).results] == [text]


def test_what_is_unknown_is_told_apart_and_what_is_too_much_is_left(search: SearchService) -> None:
    mixed = search.ask("发生火灾打什么电话？另外红烧肉怎么做？").results
    assert [one.decision for one in mixed] == [Decision.ANSWER, Decision.NO_ANSWER]
    assert mixed[1].query == "红烧肉怎么做"
    many = search.ask(
        "1. 报警打什么电话 2. 发生火灾打什么电话 3. 法律援助打什么电话 4. 帮办代办要收费吗"
    )
    assert [one.hits[0].code for one in many.results] == [
        "hc-numbers-01", "hc-numbers-02", "hc-numbers-10",
    ]  # fmt: skip
    assert many.left == ("帮办代办要收费吗",)


def test_a_search_and_its_explanation_agree_on_a_story(search: SearchService) -> None:
    story = STORIES[0].format(q="帮办代办要收费吗")
    found, why = search.search(story), search.explain(story)
    assert found.decision is why.decision
    assert found.hits[0].score == why.considered[0].hit.score


@pytest.mark.parametrize(
    "text", ["", "？", "，，，。。", "另外", "1. 2. 3.", "？" * 500, "另外" * 250, "怎么办，" * 125]
)
def test_nonsense_is_survived(search: SearchService, text: str) -> None:
    assert len(search.ask(text).results) == 1
    assert all(part.text for part in askings(text))
