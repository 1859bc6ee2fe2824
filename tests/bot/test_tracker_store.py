"""Memory stays bounded, and a bounded conversation still knows its options."""

from typing import Any

import pytest

from tests.bot.conftest import RasaSide


@pytest.fixture(scope="module")
def facts(rasa: RasaSide) -> dict[str, Any]:
    return rasa.facts("tracker_store.py")


def test_a_long_conversation_keeps_its_end(facts: dict[str, Any]) -> None:
    long = facts["long"]
    assert long["most_events"] <= 40
    assert long["least_events_after_many"] >= 30
    assert long["last_text"] == "问题199"
    assert long["listening"] == "action_listen"


def test_the_options_outlive_the_turn_that_set_them(facts: dict[str, Any]) -> None:
    assert facts["long"]["options"] == [7, 8]
    assert facts["long"]["begins_with"] == [
        "SessionStarted",
        "ActionExecuted",
        "SlotSet",
        "UserUttered",
    ]


def test_the_conversation_longest_silent_is_forgotten(facts: dict[str, Any]) -> None:
    many = facts["many"]
    assert many["keys"] == [f"c{number}" for number in range(2, 10)] + ["c0", "c10"]
    assert many["forgotten"] is True


def test_rasa_creates_this_store_and_not_its_own(facts: dict[str, Any]) -> None:
    assert facts["wired"] == "BoundedTrackerStore 5000 40"
