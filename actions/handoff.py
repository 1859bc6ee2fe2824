"""Passes on that the citizen asks for a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.messages import handoff


class ActionHandoff(Action):  # type: ignore[misc]
    """The gateway decides who takes over, and tells the citizen."""

    def name(self) -> str:
        """Return the name in the domain."""
        return "action_handoff"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,  # noqa: ARG002 - the SDK passes it
        domain: dict[str, Any],  # noqa: ARG002 - the SDK passes it
    ) -> list[dict[str, Any]]:
        """Send the wish."""
        dispatcher.utter_message(json_message=handoff())
        return []
