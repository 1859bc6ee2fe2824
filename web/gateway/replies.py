"""The messages that a citizen sees, one for each outcome."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from embeddings.index import Decision
from knowledge.conversations.service import Draft, Sender
from knowledge.entries.cards import Card, cards
from web.cards import result_of
from web.gateway import texts

MAX_OPTIONS = 5


def from_search(
    session: Session, hits: Sequence[dict[str, Any]], decision: str, most: int = MAX_OPTIONS
) -> Draft:
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
        return clarify(kept[:most])
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
