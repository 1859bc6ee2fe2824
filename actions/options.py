"""Takes the citizen's choice from the last list, or hears that none was right."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.messages import chosen, none_of_these
from actions.option_number import option_position


class ActionChooseOption(Action):  # type: ignore[misc]
    """Understands 2, 第二个, 最后一个 … once a list has been offered."""

    def name(self) -> str:
        """Return the name in the domain."""
        return "action_choose_option"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - the SDK passes it
    ) -> list[dict[str, Any]]:
        """Send the entry chosen, or ask again. The list stays: one may look at two."""
        options = tracker.get_slot("options") or []
        if not options:
            dispatcher.utter_message(response="utter_no_options")
            return []
        values = _numbers(tracker)
        position = option_position(values, len(options))
        if position is None and not values and len(options) == 1:
            position = 0  # “就是这个”
        if position is None:
            numbers = "1" if len(options) == 1 else f"1–{len(options)}"
            dispatcher.utter_message(response="utter_which_option", numbers=numbers)
        else:
            dispatcher.utter_message(json_message=chosen(int(options[position])))
        return []


class ActionNoneOfThese(Action):  # type: ignore[misc]
    """Passes on that no option was right."""

    def name(self) -> str:
        """Return the name in the domain."""
        return "action_none_of_these"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - the SDK passes it
    ) -> list[dict[str, Any]]:
        """Send it if there was a list; otherwise say what can be done."""
        if tracker.get_slot("options"):
            dispatcher.utter_message(json_message=none_of_these())
        else:
            dispatcher.utter_message(response="utter_not_helped")
        return []


def _numbers(tracker: Tracker) -> list[str]:
    entities = tracker.latest_message.get("entities") or []
    return [str(item["value"]) for item in entities if item.get("entity") == "option_number"]
