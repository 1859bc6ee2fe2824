"""The hit test for one question: every candidate, why it stands there, what a citizen sees."""

from flask import Blueprint, render_template, request

from embeddings.index import SHOWN, Decision
from knowledge.entries.cards import Card, cards
from knowledge.evaluation.result import DECISION_NAMES
from knowledge.people.actor import Right
from knowledge.privacy.redaction import redact
from knowledge.search.explaining import QUESTION_LENGTH, Explained
from web import limits
from web.access import staff
from web.services import services

blueprint = Blueprint("single", __name__, url_prefix="/admin")

NOT_READY = "检索还没有准备好，请过一会儿再试"


@blueprint.get("/hit-test")
@staff(Right.EVALUATE)
def form() -> str:
    """Ask for a question."""
    return _page("")


@blueprint.post("/hit-test")
@staff(Right.EVALUATE)
@limits.searches_of_address
def explain() -> str | tuple[str, int]:
    """Search as for a citizen, and show why it comes out so."""
    typed = request.form.get("question", "").strip()
    if not typed or len(typed) > QUESTION_LENGTH:
        told = "请写一个问题" if not typed else f"问题最多 {QUESTION_LENGTH} 个字"
        return _page(typed[:QUESTION_LENGTH], told), 422
    question = redact(typed).text
    held = services()
    if not held.search.ready:
        return _page(question, NOT_READY), 503
    found = held.search.explain(question)
    with held.database.read() as session:
        shown = cards(session, [one.hit.entry_id for one in found.considered[:SHOWN]])
    return _page(question, found=found, shown=shown)


def _page(
    question: str,
    problem: str = "",
    found: Explained | None = None,
    shown: dict[int, Card] | None = None,
) -> str:
    return render_template(
        "admin/single.html",
        question=question,
        problem=problem,
        found=found,
        shown=shown or {},
        question_length=QUESTION_LENGTH,
        decisions=Decision,
        decision_names=DECISION_NAMES,
        listed=SHOWN,
    )
