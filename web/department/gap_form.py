"""A new entry that is written for a knowledge gap: filled in beforehand, bound when saved."""

from flask import request
from sqlalchemy.orm import Session

from knowledge.entries.content import PHRASING_LENGTH, PHRASINGS, QUESTION_LENGTH
from knowledge.entries.models import Entry
from knowledge.gaps.checking import distinct_texts
from knowledge.gaps.service import bind, gap_for
from web.access import actor
from web.department.forms import EntryForm
from web.services import services


def prefill(form: EntryForm) -> None:
    """Fill in what the gap in the address line asks: its title, its questions, a category."""
    number = _asked()
    if number is None:
        return
    with services().database.read() as session:
        gap = gap_for(session, actor(), number)
        texts = [text for text in distinct_texts(session, gap.id) if text != gap.title]
        form.standard_question.data = " ".join(gap.title.split())[:QUESTION_LENGTH]
        short = [" ".join(text.split()) for text in texts if len(text) <= PHRASING_LENGTH]
        form.similar_questions.data = "\n".join(short[:PHRASINGS])
        form.category.data = gap.suggested_category_id or 0


def bind_gap(session: Session, entry: Entry) -> None:
    """Note, in the transaction that creates it, that the entry is for the gap asked for."""
    number = _asked()
    if number is not None:
        bind(session, actor(), gap_for(session, actor(), number), entry)


def new_subject() -> str:
    """Return under which name the typing of this new entry is kept."""
    number = _asked()
    return "new" if number is None else f"new-gap-{number}"


def _asked() -> int | None:
    text = request.args.get("gap", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
