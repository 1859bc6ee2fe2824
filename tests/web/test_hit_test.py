"""One question, looked at from behind: candidates, reasons, what a citizen sees."""

from collections.abc import Callable

import pytest

from embeddings.index import Decision
from knowledge.entries.cards import cards
from tests.web.conftest import Colleague
from web.services import Services

PAGE = "/admin/hit-test"


def asked(person: Colleague, question: str) -> str:
    answer = person.submit(PAGE, PAGE, question=question)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_it_shows_what_the_search_found_and_why(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    page = asked(colleague("manager"), "家里着火了打什么电话呀")
    result = held.search.search("家里着火了打什么电话呀")
    assert result.hits[0].question in page
    assert f"{result.hits[0].score * 100:.1f}%" in page
    assert "为什么排在第 1" in page
    assert "最像的一条问法" in page
    assert "门槛" in page


def test_the_very_words_are_said_to_be_so(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    question = held.search.search("发生火灾打什么电话").hits[0].question
    page = asked(colleague("manager"), question)
    assert "结果：直接回答" in page
    assert "一字不差" in page


def test_what_nobody_answers_is_shown_as_refused(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    found = held.search.explain("充电宝一般多少钱一个")
    assert found.decision is Decision.NO_ANSWER
    page = asked(colleague("admin"), "充电宝一般多少钱一个")
    assert "结果：不知道" in page
    assert "没有找到能回答的内容" in page


@pytest.mark.parametrize(
    ("typed", "told"), [("", "请写一个问题"), ("问" * 501, "最多 500 个字")], ids=["empty", "long"]
)
def test_a_wrong_question_is_told(
    colleague: Callable[[str], Colleague], typed: str, told: str
) -> None:
    answer = colleague("manager").submit(PAGE, PAGE, question=typed)
    assert answer.status_code == 422
    assert told in answer.text


def test_what_is_typed_is_escaped_and_bare_of_personal_data(
    colleague: Callable[[str], Colleague],
) -> None:
    page = asked(colleague("manager"), "<script>alert(1)</script> 电话13812345678")
    assert "<script>alert" not in page
    assert "13812345678" not in page


def test_only_who_evaluates_may_look(colleague: Callable[[str], Colleague]) -> None:
    assert colleague("editor").client.get(PAGE).status_code == 403
    assert colleague("manager").client.post(PAGE, data={"question": "着火"}).status_code == 400


@pytest.mark.parametrize(
    ("word", "number"),
    [("报警", "110"), ("火灾", "119"), ("急救", "120"), ("110", "110"), ("119", "119")],
)
def test_who_is_in_need_is_answered_at_one_word(held: Services, word: str, number: str) -> None:
    found = held.search.explain(word)
    assert found.decision is Decision.ANSWER
    with held.database.read() as session:
        entry_id = found.considered[0].hit.entry_id
        assert number in cards(session, [entry_id])[entry_id].answer


@pytest.mark.parametrize("word", ["投诉", "政策", "评价"])
def test_a_word_that_several_entries_have_to_do_with_is_asked_back(
    held: Services, word: str
) -> None:
    assert held.search.explain(word).decision is Decision.CLARIFY
