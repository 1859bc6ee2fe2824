"""What may stand in the lexicon."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from embeddings.text.normalise import unified
from knowledge.errors import ContentError
from knowledge.lexicon.models import FORM_LENGTH, TERM_LENGTH, Kind, LexiconItem, LexiconTerm

TERMS_IN_GROUP = 30
LEAST_CHARACTERS = 2
FIELD = "terms"

_SEPARATORS = re.compile(r"[、|｜,，;；\r\n]+")


@dataclass(frozen=True)
class Term:
    """A term as it was typed, and the form that it is compared by."""

    text: str
    form: str


def separated(typed: str) -> list[str]:
    """Return the terms of a line or a text field, which 、, | or line ends keep apart."""
    return [term.strip() for term in _SEPARATORS.split(typed) if term.strip()]


def checked(kind: Kind, texts: Sequence[str]) -> tuple[Term, ...]:
    """Return an item's terms.

    Raises:
        ContentError: too few or too many, one too short or too long, one twice.
    """
    terms = tuple(Term(text, unified(text)) for text in texts)
    problem = _count_problem(kind, terms) or next(filter(None, map(_problem, terms)), None)
    if problem is None:
        problem = _twice(terms)
    if problem is not None:
        raise ContentError({FIELD: problem})
    return terms


def refuse_taken(
    session: Session, kind: Kind, terms: Iterable[Term], item_id: int | None = None
) -> None:
    """Make sure that none of `terms` stands in another item of its kind.

    Raises:
        ContentError: names the term and the item that has it.
    """
    forms = {term.form: term.text for term in terms}
    query = select(LexiconTerm).where(LexiconTerm.kind == kind, LexiconTerm.form.in_(forms))
    if item_id is not None:
        query = query.where(LexiconTerm.item_id != item_id)
    found = session.scalars(query).first()
    if found is None:
        return
    item = session.get_one(LexiconItem, found.item_id)
    if kind is Kind.WORD:
        raise ContentError({FIELD: f"“{forms[found.form]}”已经是专用词，不必再加"})
    raise ContentError(
        {
            FIELD: f"“{forms[found.form]}”已在“{'、'.join(item.texts)}”这一组里，"
            "一个词只能在一组；请先从那一组删去，或把这些词加到那一组"
        }
    )


def _count_problem(kind: Kind, terms: Sequence[Term]) -> str | None:
    if not terms:
        return "请填写词语"
    if kind is Kind.WORD and len(terms) > 1:
        return "专用词一次写一个；意思相同的几个词请加成一组同义词"
    if kind is Kind.GROUP and len({term.form for term in terms}) < 2:
        return (
            f"一组至少要有两个不同的说法，现在只有“{terms[0].text}”；"
            "只想让一个词不被拆开，请加为专用词"
        )
    if len(terms) > TERMS_IN_GROUP:
        return f"一组最多 {TERMS_IN_GROUP} 个词，现在有 {len(terms)} 个"
    return None


def _problem(term: Term) -> str | None:
    if len(term.text) > TERM_LENGTH or len(term.form) > FORM_LENGTH:
        return f"“{term.text[:TERM_LENGTH]}…”太长，一个词最多 {TERM_LENGTH} 个字"
    if sum(character.isalnum() for character in term.form) < LEAST_CHARACTERS:
        return (
            f"“{term.text}”太短：单个字会在许多别的词里出现，请写至少 {LEAST_CHARACTERS} 个字的词"
        )
    return None


def _twice(terms: Sequence[Term]) -> str | None:
    seen: dict[str, str] = {}
    for term in terms:
        if term.form in seen:
            return f"“{seen[term.form]}”和“{term.text}”是同一个词，请删去一个"
        seen[term.form] = term.text
    return None
