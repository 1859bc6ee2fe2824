"""Forgets what the conversation had open."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher


class ActionReset(Action):  # type: ignore[misc]
    """Clears the last list, so that a later “1” cannot choose from it."""

    def name(self) -> str:
        """Return the name in the domain."""
        return "action_reset"

    async def run(
        self,
        dispatcher: CollectingDispatcher,  # noqa: ARG002 - the SDK passes it
        tracker: Tracker,  # noqa: ARG002 - the SDK passes it
        domain: dict[str, Any],  # noqa: ARG002 - the SDK passes it
    ) -> list[dict[str, Any]]:
        """Clear the slot; says nothing."""
        return [SlotSet("options", None)]
