"""Searches for what the citizen wrote, and remembers the options that were offered."""

from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.messages import CLARIFY, NO_ANSWER, out_of_scope, searched
from actions.timed_search import SearchUnavailableError, TimedSearch
from knowledge.search.result import SearchResult

log = structlog.get_logger(__name__)

OUT_OF_SCOPE = "out_of_scope"


class ActionSearch(Action):  # type: ignore[misc]
    """Answers every question; also what sounded like none, for retrieval decides."""

    def __init__(self, search: TimedSearch) -> None:
        self._search = search

    def name(self) -> str:
        """Return the name in the domain."""
        return "action_search"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - the SDK passes it
    ) -> list[dict[str, Any]]:
        """Send the result. Without one send nothing: the gateway then searches itself."""
        try:
            result = await self._search.search(tracker.latest_message.get("text") or "")
        except SearchUnavailableError as error:
            log.warning(error.reason)
            return [SlotSet("options", None)]
        log.info(
            "searched",
            decision=result.decision.value,
            hits=len(result.hits),
            took_ms=result.took_ms,
        )
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        if intent == OUT_OF_SCOPE and result.decision == NO_ANSWER:
            dispatcher.utter_message(response="utter_out_of_scope")
            dispatcher.utter_message(json_message=out_of_scope(result))
        else:
            dispatcher.utter_message(json_message=searched(result))
        return [SlotSet("options", _options(result))]


def _options(result: SearchResult) -> list[int] | None:
    """Return the entry ids to choose from, in the order shown."""
    if result.decision != CLARIFY:
        return None
    return [hit.entry_id for hit in result.hits]
