"""What an action sends to the gateway: one JSON object that says its kind.

The gateway turns it into what the citizen sees; it reads the answer from the
database itself. No answer's text passes through the dialogue.
"""

from typing import Any

from knowledge.search.result import Asked, SearchResult

# Values of SearchResult.decision that an action tells apart.
CLARIFY = "clarify"
NO_ANSWER = "no_answer"


def searched(result: SearchResult) -> dict[str, Any]:
    """Return the message for a search; scores 0..1, `took_ms` in milliseconds."""
    return {
        "kind": "search",
        "query": result.query,
        "decision": result.decision.value,
        "hits": [
            {
                "entry_id": hit.entry_id,
                "matched_phrasing": hit.matched_phrasing,
                "score": hit.score,
            }
            for hit in result.hits
        ],
        "took_ms": result.took_ms,
    }


def out_of_scope(result: SearchResult) -> dict[str, Any]:
    """Return the message for the log alone: chatter for which the search found nothing either."""
    return searched(result) | {"kind": "out_of_scope"}


def asked(found: Asked) -> dict[str, Any]:
    """Return the message for several questions in one; `left` are those not searched for."""
    parts = [searched(result) for result in found.results]
    return {"kind": "asked", "parts": parts, "left": list(found.left)}


def chosen(entry_id: int) -> dict[str, Any]:
    """Return the message for an option that the citizen chose."""
    return {"kind": "chosen", "entry_id": entry_id}


def none_of_these() -> dict[str, Any]:
    """Return the message for a list that held nothing right."""
    return {"kind": "none_of_these"}


def handoff() -> dict[str, Any]:
    """Return the message for a citizen who asks for a person."""
    return {"kind": "handoff"}
