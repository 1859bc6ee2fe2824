"""Lets an action take one turn, as the SDK would."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher


class Runs(Protocol):
    """An action."""

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[Any]:
        """Take the turn."""


def take_turn(
    action: Runs,
    text: str,
    intent: str = "question",
    numbers: Sequence[str] = (),
    options: list[int] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the messages sent (only what is set of each) and the events."""
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [{"entity": "option_number", "value": number} for number in numbers],
    }
    tracker = Tracker("someone", {"options": options}, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, tracker, {}))
    sent = [{key: value for key, value in each.items() if value} for each in dispatcher.messages]
    for message in sent:
        message.pop("template", None)
    return sent, events
