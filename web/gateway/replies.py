"""From what the bot decided to the messages that a citizen sees."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.orm import Session

from embeddings.index import Decision
from knowledge.conversations.service import Draft, Sender
from knowledge.entries.cards import Card, cards
from web.cards import result_of
from web.gateway import texts

log = structlog.get_logger(__name__)

MAX_OPTIONS = 5


def drafts_of(session: Session, said: Sequence[dict[str, Any]]) -> list[Draft]:
    """Turn what the bot said (Rasa's REST shape) into messages, at least one."""
    drafts = [draft for reply in said if (draft := _draft(session, reply)) is not None]
    return drafts or [no_answer()]


def from_search(session: Session, hits: Sequence[dict[str, Any]], decision: str) -> Draft:
    """Turn a search's decision and hits (`entry_id`, `matched_phrasing`, `score`) into a reply.

    Answers are read from the database at this moment: an entry withdrawn since
    the search ran is not shown.
    """
    found = cards(session, [hit["entry_id"] for hit in hits])
    kept = [(found[hit["entry_id"]], hit) for hit in hits if hit["entry_id"] in found]
    if decision == Decision.ANSWER and kept and kept[0][0].entry_id == hits[0]["entry_id"]:
        card, hit = kept[0]
        return answer(card, hit["matched_phrasing"], hit["score"])
    if decision != Decision.NO_ANSWER and kept:
        return clarify(kept[:MAX_OPTIONS])
    return no_answer()


def from_choice(session: Session, entry_id: int) -> Draft:
    """Answer with the entry that the citizen chose."""
    card = cards(session, [entry_id]).get(entry_id)
    if card is None:
        return Draft(Sender.BOT, texts.OPTIONS_GONE, payload={"contact": True})
    return answer(card, card.question, 1.0)


def answer(card: Card, matched_phrasing: str, score: float) -> Draft:
    """Say one entry's answer."""
    payload = {
        "results": [result_of(card, matched_phrasing, score)],
        "answered": {"entry_id": card.entry_id, "version_id": card.version_id},
    }
    return Draft(Sender.BOT, card.answer, Decision.ANSWER.value, payload)


def clarify(kept: Sequence[tuple[Card, dict[str, Any]]]) -> Draft:
    """Ask back which of a few entries is meant."""
    payload = {
        "results": [result_of(card, hit["matched_phrasing"], hit["score"]) for card, hit in kept],
        "options": [card.question for card, _ in kept],
        "option_ids": [card.entry_id for card, _ in kept],
    }
    return Draft(Sender.BOT, texts.CLARIFY, Decision.CLARIFY.value, payload)


def no_answer(text: str = texts.NO_ANSWER) -> Draft:
    """Say honestly that the base does not know, and where a person is."""
    return Draft(Sender.BOT, text, Decision.NO_ANSWER.value, {"contact": True})


def handoff() -> Draft:
    """Say how to reach a person."""
    return Draft(Sender.BOT, texts.HANDOFF, payload={"contact": True})


def _draft(session: Session, reply: dict[str, Any]) -> Draft | None:
    custom = reply.get("custom")
    if not isinstance(custom, dict):
        return Draft(Sender.BOT, reply["text"])
    match custom.get("kind"):
        case "search":
            return from_search(session, custom["hits"], custom["decision"])
        case "chosen":
            return from_choice(session, custom["entry_id"])
        case "none_of_these":
            return no_answer(texts.NONE_OF_THESE)
        case "handoff":
            return handoff()
    if custom.get("kind") != "out_of_scope":  # for the log; what is said to chatter is beside it
        log.warning("bot_reply_unknown", kind=str(custom.get("kind"))[:32])
    return None
