"""A whole file into the lexicon: what is new is added, nothing is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.errors import ContentError
from knowledge.lexicon.models import Kind, LexiconItem, LexiconTerm
from knowledge.lexicon.rules import checked
from knowledge.lexicon.service import add, change, item
from knowledge.lexicon.text_file import LexiconFileError, Line
from knowledge.people.actor import Actor


@dataclass(frozen=True)
class Report:
    """How many of a file's items were added, filled up with new terms, or there already."""

    added: int
    filled: int
    unchanged: int


def put_in(session: Session, actor: Actor, lines: Sequence[Line]) -> Report:
    """Add a file's items; a group that shares a term with one that is there fills it up.

    Raises:
        NotAllowedError
        LexiconFileError: a line whose terms stand in two groups, or that breaks the rules.
            The caller's transaction is to be rolled back.
    """
    counts = dict.fromkeys(("added", "filled", "unchanged"), 0)
    for line in lines:
        try:
            counts[_put(session, actor, line)] += 1
        except ContentError as error:
            raise LexiconFileError(f"第 {line.number} 行：{error}") from error
    return Report(**counts)


def _put(session: Session, actor: Actor, line: Line) -> str:
    sharing = _sharing(session, line)
    if not sharing:
        add(session, actor, line.kind, line.texts)
        return "added"
    if len(sharing) > 1:
        groups = "；".join("、".join(item(session, one).texts) for one in sharing)
        raise ContentError({"terms": f"这些词分在不同的组里（{groups}），请先在页面上并成一组"})
    there = item(session, sharing[0])
    fresh = _fresh(there, line)
    if not fresh:
        return "unchanged"
    change(session, actor, there.id, (*there.texts, *fresh), there.lock_version)
    return "filled"


def _sharing(session: Session, line: Line) -> list[int]:
    forms = [term.form for term in checked(line.kind, line.texts)]
    query = select(LexiconTerm.item_id).where(
        LexiconTerm.kind == line.kind, LexiconTerm.form.in_(forms)
    )
    return sorted(set(session.scalars(query)))


def _fresh(there: LexiconItem, line: Line) -> list[str]:
    known = {term.form for term in there.terms}
    return [term.text for term in checked(Kind(line.kind), line.texts) if term.form not in known]
