"""A published entry as JSON, the same in search results and in messages."""

from typing import Any

from knowledge import clock
from knowledge.entries.cards import Card
from web.guide import guide_html
from web.markdown import to_html


def result_of(card: Card, matched_phrasing: str, score: float) -> dict[str, Any]:
    """Return `card` as one result of the API; `score` is a probability (0 to 1)."""
    return {
        "entry_id": card.code,
        "question": card.question,
        "matched_phrasing": matched_phrasing,
        "answer": card.answer,
        "answer_html": to_html(card.answer),
        "spoken_answer": card.spoken_answer,
        "score": round(score, 4),
        "department": card.department,
        "department_phone": card.department_phone,
        "category": card.category,
        "issuing_body": card.issuing_body,
        "legal_basis": card.legal_basis,
        "region": card.region,
        "audience": list(card.audience),
        "valid_until": card.valid_until.isoformat() if card.valid_until else None,
        "materials": list(card.materials),
        "steps": list(card.steps),
        "fees": card.fees,
        "time_limit": card.time_limit,
        "places": list(card.places),
        "guide_html": guide_html(card),
        "updated_on": clock.local(card.updated_at).date().isoformat(),
    }
