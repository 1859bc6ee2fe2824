"""Asks the bot, and does without it when it cannot answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from embeddings.index import Decision
from knowledge.search.result import SearchHit, SearchResult
from knowledge.search.service import SearchService
from web import metrics
from web.gateway.choices import Choice, to_rasa
from web.gateway.rasa import RasaClient, RasaError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BotReply:
    """What was said, in the shape of Rasa's REST channel, and the search behind it."""

    said: Sequence[dict[str, Any]]
    searched: Sequence[SearchResult] = ()


class Bot:
    """Rasa within a deadline, or else plain retrieval: poorer, never silent."""

    def __init__(self, rasa: RasaClient, search: SearchService, seconds: float) -> None:
        self._rasa = rasa
        self._search = search
        self._seconds = seconds

    def ask(self, sender: str, text: str, choice: Choice | None) -> BotReply:
        """Return the bot's reply to a message."""
        try:
            said = self._rasa.send(sender, to_rasa(text, choice), self._seconds)
            usable = [reply for reply in said if _usable(reply)]
            if not usable:
                raise RasaError("empty")
            searched = _searched(text, usable)
        except RasaError as error:
            log.warning("rasa_failed", reason=error.reason)
            metrics.FALLBACKS.labels(error.reason).inc()
            return self.retrieve(text, choice)
        if choice is not None and not _has(usable, "chosen", "none_of_these"):
            return _choice(choice)  # Rasa was restarted and forgot its list; the message has it
        return BotReply(usable, searched)

    def retrieve(self, text: str, choice: Choice | None) -> BotReply:
        """Answer without Rasa."""
        if choice is not None:
            return _choice(choice)
        found = self._search.ask(text)
        parts = [_custom(result) for result in found.results]
        if len(parts) == 1:
            return BotReply([{"custom": parts[0]}], found.results)
        custom = {"kind": "asked", "parts": parts, "left": list(found.left)}
        return BotReply([{"custom": custom}], found.results)


def _custom(result: SearchResult) -> dict[str, Any]:
    hits = [
        {"entry_id": hit.entry_id, "matched_phrasing": hit.matched_phrasing, "score": hit.score}
        for hit in result.hits
    ]
    return {
        "kind": "search",
        "query": result.query,
        "decision": result.decision.value,
        "hits": hits,
    }


def _choice(choice: Choice) -> BotReply:
    if choice.entry_id is None:
        return BotReply([{"custom": {"kind": "none_of_these"}}])
    return BotReply([{"custom": {"kind": "chosen", "entry_id": choice.entry_id}}])


def _usable(reply: dict[str, Any]) -> bool:
    """Tell whether a reply has a shape that can be shown; a malformed one counts as silence."""
    custom = reply.get("custom")
    if custom is None:
        return isinstance(reply.get("text"), str) and bool(reply["text"])
    if not isinstance(custom, dict):
        return False
    match custom.get("kind"):
        case "search" | "out_of_scope":
            return _is_search(custom)
        case "asked":
            return _is_asked(custom)
        case "chosen":
            return type(custom.get("entry_id")) is int
        case kind:
            return kind in {"none_of_these", "handoff"}


def _is_asked(custom: dict[str, Any]) -> bool:
    parts, left = custom.get("parts"), custom.get("left")
    return (
        isinstance(parts, list)
        and len(parts) > 0
        and all(
            isinstance(part, dict) and isinstance(part.get("query"), str) and _is_search(part)
            for part in parts
        )
        and isinstance(left, list)
        and all(isinstance(question, str) for question in left)
    )


def _is_search(custom: dict[str, Any]) -> bool:
    hits = custom.get("hits")
    return (
        custom.get("decision") in set(Decision)
        and isinstance(custom.get("took_ms"), int | float)
        and isinstance(hits, list)
        and all(
            isinstance(hit, dict)
            and type(hit.get("entry_id")) is int
            and isinstance(hit.get("matched_phrasing"), str)
            and isinstance(hit.get("score"), int | float)
            for hit in hits
        )
    )


def _has(said: Sequence[dict[str, Any]], *kinds: str) -> bool:
    return any((reply.get("custom") or {}).get("kind") in kinds for reply in said)


def _searched(text: str, said: Sequence[dict[str, Any]]) -> Sequence[SearchResult]:
    """Return the searches that the bot made, for the query log."""
    for reply in said:
        custom = reply.get("custom") or {}
        if custom.get("kind") in {"search", "out_of_scope"}:
            return (_result(text, custom),)
        if custom.get("kind") == "asked":
            return tuple(_result(part["query"], part) for part in custom["parts"])
    return ()


def _result(text: str, custom: dict[str, Any]) -> SearchResult:
    hits = tuple(
        SearchHit(hit["entry_id"], "", "", hit["matched_phrasing"], hit["score"])
        for hit in custom["hits"]
    )
    return SearchResult(text, Decision(custom["decision"]), hits, custom["took_ms"])
