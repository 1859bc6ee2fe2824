# mypy: ignore-errors
"""Holds conversations with the bounded store and reports what it kept."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.quiet import prepare

TURNS = 200


def turn(number: int) -> list[Any]:
    """Return the events of one turn that searched."""
    from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

    return [
        UserUttered(f"问题{number}", intent={"name": "question", "confidence": 1.0}),
        ActionExecuted("action_search"),
        BotUttered(data={"custom": {"kind": "search"}}),
        ActionExecuted("action_listen"),
    ]


async def long_conversation() -> dict[str, Any]:
    """Choose options at the start, then talk on for many turns."""
    from rasa.shared.core.events import SlotSet

    from bot.tracker_store import BoundedTrackerStore

    store = BoundedTrackerStore(domain(), max_trackers=10, max_events=40)
    sizes = []
    for number in range(TURNS):
        tracker = await store.get_or_create_tracker("long")
        for event in turn(number):
            tracker.update(event)
        if number == 0:
            tracker.update(SlotSet("options", [7, 8]))
        await store.save(tracker)
        kept = await store.retrieve("long")
        assert kept is not None
        sizes.append(len(kept.events))
    return {
        "most_events": max(sizes),
        "least_events_after_many": min(sizes[50:]),
        "last_text": kept.latest_message.text,
        "options": kept.get_slot("options"),
        "begins_with": [type(event).__name__ for event in list(kept.events)[:4]],
        "listening": kept.latest_action_name,
    }


async def many_conversations() -> dict[str, Any]:
    """Open more conversations than the store keeps; use the first in between."""
    from bot.tracker_store import BoundedTrackerStore

    store = BoundedTrackerStore(domain(), max_trackers=10, max_events=40)
    for number in range(10):
        await store.get_or_create_tracker(f"c{number}")
    first = await store.get_or_create_tracker("c0")
    await store.save(first)
    await store.get_or_create_tracker("c10")
    return {"keys": list(await store.keys()), "forgotten": await store.retrieve("c1") is None}


def domain() -> Any:
    """Return the domain of the bot."""
    from rasa.shared.core.domain import Domain

    return Domain.load("bot/domain.yml")


async def wired() -> str:
    """Return the class of the store that endpoints.yml makes Rasa create."""
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints

    endpoints = AvailableEndpoints.read_endpoints("bot/endpoints.yml")
    store = TrackerStore.create(endpoints.tracker_store, domain())
    return f"{type(store).__name__} {store._max_trackers} {store._max_events}"


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        prepare(Path(scratch))
        facts = {
            "long": asyncio.run(long_conversation()),
            "many": asyncio.run(many_conversations()),
            "wired": asyncio.run(wired()),
        }
    print(json.dumps(facts, ensure_ascii=False))  # noqa: T201 - read by the test
