# mypy: ignore-errors
"""Conversations in memory, bounded in number and in length.

Rasa's own memory store keeps everything: a long conversation slows down and memory
grows without end. What a turn needs here is the last list of options and little else.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

MAX_TRACKERS = 5000
MAX_EVENTS = 40


class BoundedTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps the last `max_events` events of the `max_trackers` latest conversations."""

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_trackers: int = MAX_TRACKERS,
        max_events: int = MAX_EVENTS,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._max_trackers = int(max_trackers)
        self._max_events = int(max_events)
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation's end; forget the conversation longest silent."""
        await self.stream_events(tracker)
        self._kept[tracker.sender_id] = self.serialise_tracker(self._shortened(tracker))
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > self._max_trackers:
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation as far as it is kept."""
        serialised = self._kept.get(sender_id)
        if serialised is None:
            return None
        return self.deserialise_tracker(sender_id, serialised)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations kept, longest silent first."""
        return list(self._kept)

    def _shortened(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """Drop whole turns from the front; the slots' values stay."""
        events = list(tracker.events)
        if len(events) <= self._max_events:
            return tracker
        slots = [
            SlotSet(name, slot.value)
            for name, slot in tracker.slots.items()
            if slot.value is not None
        ]
        opening: list[Event] = [_session_start(events), ActionExecuted(ACTION_LISTEN_NAME)]
        room = max(self._max_events - len(opening) - len(slots), 0)
        return DialogueStateTracker.from_events(
            tracker.sender_id, opening + slots + _last_turns(events, room), self.domain.slots
        )


def _session_start(events: list[Event]) -> Event:
    """Return the session's start; its time tells Rasa when the session expires."""
    for event in reversed(events):
        if isinstance(event, SessionStarted):
            return event
    return SessionStarted()


def _last_turns(events: list[Event], room: int) -> list[Event]:
    """Return the latest whole turns (each begins after an `action_listen`) within `room`."""
    starts = [
        position + 1
        for position, event in enumerate(events)
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
    ]
    for start in starts:
        if len(events) - start <= room:
            return events[start:]
    return []
