"""Searches for what the citizen wrote, and remembers the options that were offered."""

from collections.abc import Sequence
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.messages import CLARIFY, NO_ANSWER, asked, out_of_scope, searched
from actions.timed_search import SearchUnavailableError, TimedSearch
from knowledge.search.result import SearchResult, options_shown

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
            found = await self._search.ask(tracker.latest_message.get("text") or "")
        except SearchUnavailableError as error:
            log.warning(error.reason)
            return [SlotSet("options", None)]
        for result in found.results:
            log.info(
                "searched",
                decision=result.decision.value,
                hits=len(result.hits),
                took_ms=result.took_ms,
            )
        several = len(found.results) > 1
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        if several:
            dispatcher.utter_message(json_message=asked(found))
        elif intent == OUT_OF_SCOPE and result.decision == NO_ANSWER:
            dispatcher.utter_message(response="utter_out_of_scope")
            dispatcher.utter_message(json_message=out_of_scope(result))
        else:
            dispatcher.utter_message(json_message=searched(result))
        return [SlotSet("options", _options(found.results))]


def _options(results: Sequence[SearchResult]) -> list[int] | None:
    """Return the entry ids to choose from, in the order shown: numbers run on through lists."""
    lists = [result.hits for result in results if result.decision == CLARIFY]
    most = options_shown(len(lists))
    return [hit.entry_id for hits in lists for hit in hits[:most]] or None
