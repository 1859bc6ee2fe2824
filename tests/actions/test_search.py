"""A question becomes a search; what search says decides."""

import time
from collections.abc import Iterator

import pytest

from actions.search import ActionSearch
from actions.timed_search import TimedSearch
from tests.actions.stand_in import StandInSearch
from tests.actions.turns import take_turn

CLEARED = [{"event": "slot", "timestamp": None, "name": "options", "value": None}]


@pytest.fixture
def searcher() -> StandInSearch:
    return StandInSearch(slow=0.6)


@pytest.fixture
def search(searcher: StandInSearch) -> Iterator[TimedSearch]:
    timed = TimedSearch(searcher, seconds=0.2, workers=1)
    yield timed
    timed.close()


def test_an_answer_is_sent_and_leaves_no_options(search: TimedSearch) -> None:
    sent, events = take_turn(ActionSearch(search), "居住证怎么办", options=[1, 2])
    hits = [{"entry_id": 11, "matched_phrasing": "问法11", "score": 0.97}]
    assert sent == [
        {
            "custom": {
                "kind": "search",
                "query": "居住证怎么办",
                "decision": "answer",
                "hits": hits,
                "took_ms": 1.5,
            }
        }
    ]
    assert events == CLEARED


def test_a_list_is_remembered_in_the_order_shown(search: TimedSearch) -> None:
    sent, events = take_turn(ActionSearch(search), "社保")
    assert sent[0]["custom"]["decision"] == "clarify"
    assert [hit["entry_id"] for hit in sent[0]["custom"]["hits"]] == [21, 22, 23]
    assert events[0]["value"] == [21, 22, 23]


def test_a_question_without_answer_is_sent_as_such(search: TimedSearch) -> None:
    sent, events = take_turn(ActionSearch(search), "火星移民怎么报名")
    assert sent[0]["custom"]["decision"] == "no_answer"
    assert sent[0]["custom"]["hits"] == []
    assert events == CLEARED


def test_chatter_without_answer_is_declined_kindly(search: TimedSearch) -> None:
    sent, _ = take_turn(ActionSearch(search), "讲个笑话", intent="out_of_scope")
    assert [one.get("response") for one in sent] == ["utter_out_of_scope", None]
    assert sent[1]["custom"]["kind"] == "out_of_scope"  # for the log of what was not answered
    assert sent[1]["custom"]["decision"] == "no_answer"


def test_what_sounded_like_chatter_is_answered_if_search_knows(search: TimedSearch) -> None:
    sent, _ = take_turn(ActionSearch(search), "居住证段子", intent="out_of_scope")
    assert sent[0]["custom"]["decision"] == "answer"


def test_a_slow_search_is_given_up_in_time(search: TimedSearch) -> None:
    started = time.perf_counter()
    sent, events = take_turn(ActionSearch(search), "慢", options=[1])
    assert time.perf_counter() - started < 0.5
    assert sent == []  # the gateway takes this as a failure and searches itself
    assert events == CLEARED


def test_a_search_waiting_behind_a_slow_one_is_given_up_and_never_run(
    search: TimedSearch, searcher: StandInSearch
) -> None:
    take_turn(ActionSearch(search), "慢")
    assert take_turn(ActionSearch(search), "居住证")[0] == []
    time.sleep(0.7)
    assert searcher.queries == ["慢"]
    assert take_turn(ActionSearch(search), "居住证")[0] != []


def test_before_the_index_is_open_nothing_is_sent() -> None:
    search = TimedSearch()
    assert search.ready is False
    assert take_turn(ActionSearch(search), "居住证") == ([], CLEARED)
    search.attach(StandInSearch())
    assert search.ready is True
    assert take_turn(ActionSearch(search), "居住证")[0] != []
    search.close()


def test_a_message_without_text_is_searched_as_empty(
    search: TimedSearch, searcher: StandInSearch
) -> None:
    take_turn(ActionSearch(search), "")
    assert searcher.queries == [""]


def test_several_questions_go_out_together_and_their_lists_are_numbered_through(
    search: TimedSearch,
) -> None:
    sent, events = take_turn(ActionSearch(search), "社保，另外居住证，另外社保卡，另外别的")
    custom = sent[0]["custom"]
    assert custom["kind"] == "asked"
    assert [part["query"] for part in custom["parts"]] == ["社保", "居住证", "社保卡"]
    assert custom["left"] == ["别的"]
    assert events[0]["value"] == [21, 22, 23, 21, 22, 23]
