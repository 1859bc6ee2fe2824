"""Choosing, refusing, asking for a person, parting."""

import pytest

from actions.handoff import ActionHandoff
from actions.options import ActionChooseOption, ActionNoneOfThese
from actions.reset import ActionReset
from tests.actions.turns import take_turn


@pytest.mark.parametrize(
    ("number", "entry"), [("1", 31), ("第二", 32), ("最后一个", 33), ("倒数第二", 32)]
)
def test_a_choice_names_the_entry(number: str, entry: int) -> None:
    sent, events = take_turn(
        ActionChooseOption(), number, "choose_option", [number], options=[31, 32, 33]
    )
    assert sent == [{"custom": {"kind": "chosen", "entry_id": entry}}]
    assert events == []  # the list stays: one may look at another


@pytest.mark.parametrize("numbers", [["4"], ["0"], ["1", "2"], []])
def test_an_unclear_choice_is_asked_again(numbers: list[str]) -> None:
    sent, _ = take_turn(ActionChooseOption(), "…", "choose_option", numbers, options=[31, 32, 33])
    assert sent == [{"response": "utter_which_option", "numbers": "1–3"}]


def test_a_list_of_one_needs_no_number() -> None:
    sent, _ = take_turn(ActionChooseOption(), "就是这个", "choose_option", [], options=[31])
    assert sent == [{"custom": {"kind": "chosen", "entry_id": 31}}]
    sent, _ = take_turn(ActionChooseOption(), "2", "choose_option", ["2"], options=[31])
    assert sent == [{"response": "utter_which_option", "numbers": "1"}]


@pytest.mark.parametrize("options", [None, []])
def test_a_number_without_a_list_gets_a_hint(options: list[int] | None) -> None:
    sent, _ = take_turn(ActionChooseOption(), "1", "choose_option", ["1"], options=options)
    assert sent == [{"response": "utter_no_options"}]


def test_none_of_a_list_is_passed_on() -> None:
    sent, _ = take_turn(ActionNoneOfThese(), "都不是", "none_of_these", options=[31, 32])
    assert sent == [{"custom": {"kind": "none_of_these"}}]


def test_none_of_nothing_gets_a_way_on() -> None:
    sent, _ = take_turn(ActionNoneOfThese(), "答非所问", "none_of_these")
    assert sent == [{"response": "utter_not_helped"}]


def test_asking_for_a_person_is_passed_on() -> None:
    assert take_turn(ActionHandoff(), "转人工", "ask_for_person")[0] == [
        {"custom": {"kind": "handoff"}}
    ]


def test_parting_forgets_the_list() -> None:
    sent, events = take_turn(ActionReset(), "再见", "goodbye", options=[31])
    assert sent == []
    assert [(event["name"], event["value"]) for event in events] == [("options", None)]
