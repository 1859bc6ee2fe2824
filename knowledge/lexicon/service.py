"""Read and change the lexicon; every change counts in each process within a second."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from embeddings.text.lexicon import Lexicon
from knowledge import clock
from knowledge.audit.service import record
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.lexicon.models import Kind, LexiconHead, LexiconItem, LexiconTerm
from knowledge.lexicon.rules import FIELD, Term, checked, refuse_taken
from knowledge.paging import Page, existing
from knowledge.people.actor import Actor, Right

MOST_ITEMS = 5000


def revision(session: Session) -> int:
    """Return how often the lexicon was changed."""
    return session.scalars(select(LexiconHead.revision)).one()


def lexicon(session: Session) -> Lexicon:
    """Return the lexicon as search uses it."""
    return _lexicon(_terms(session))


def lexicon_with(
    session: Session, kind: Kind, texts: Sequence[str], item_id: int | None = None
) -> Lexicon:
    """Return what the lexicon would be with a new item, or with item `item_id` changed.

    Raises:
        ContentError: what `add` or `change` would refuse.
    """
    terms = checked(kind, texts)
    refuse_taken(session, kind, terms, item_id)
    return _lexicon(_terms(session) | {item_id or 0: (kind, tuple(term.text for term in terms))})


def items(
    session: Session, kind: Kind | None = None, text: str = "", number: int = 1, size: int = 50
) -> Page[LexiconItem]:
    """Return page `number` (from 1) of the items with a term like `text`.

    Groups come first, and of each kind those changed last.
    """
    query = select(LexiconItem)
    if kind is not None:
        query = query.where(LexiconItem.kind == kind)
    if text:
        with_text = select(LexiconTerm.item_id).where(
            LexiconTerm.text.icontains(text, autoescape=True)
        )
        query = query.where(LexiconItem.id.in_(with_text))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = existing(number, total, size)
    ordered = query.order_by(LexiconItem.kind, LexiconItem.changed_at.desc(), LexiconItem.id)
    found = session.scalars(ordered.limit(size).offset((number - 1) * size)).all()
    return Page(found, total, number, size)


def item(session: Session, item_id: int) -> LexiconItem:
    """Return an item.

    Raises:
        NotFoundError: there is none, or no more.
    """
    found = session.get(LexiconItem, item_id)
    if found is None:
        raise NotFoundError("没有这一条，可能已被别人删除")
    return found


def add(session: Session, actor: Actor, kind: Kind, texts: Sequence[str]) -> LexiconItem:
    """Add a group of terms that mean the same, or a custom word.

    Raises:
        NotAllowedError
        ContentError: a term is wrong, or taken; or the lexicon is full.
    """
    _begin(session, actor)
    terms = checked(kind, texts)
    refuse_taken(session, kind, terms)
    count = session.scalar(select(func.count()).select_from(LexiconItem)) or 0
    if count >= MOST_ITEMS:
        raise ContentError({FIELD: f"词表最多 {MOST_ITEMS} 条，已经满了；请先删去不用的"})
    added = LexiconItem(kind=kind, lock_version=1, terms=_rows(kind, terms), **_by(actor))
    session.add(added)
    session.flush()
    _told(session, actor, "added", added, after=added.texts)
    return added


def change(
    session: Session, actor: Actor, item_id: int, texts: Sequence[str], seen: int
) -> LexiconItem:
    """Put other terms into an item; `seen` is the `lock_version` that the person saw.

    Raises:
        NotAllowedError, NotFoundError, ContentError
        ConflictError: somebody else changed the item meanwhile.
    """
    _begin(session, actor)
    found = item(session, item_id)
    _refuse_stale(found, seen)
    kind = Kind(found.kind)
    terms = checked(kind, texts)
    refuse_taken(session, kind, terms, found.id)
    before = found.texts
    if before == tuple(term.text for term in terms):
        return found
    session.execute(delete(LexiconTerm).where(LexiconTerm.item_id == found.id))
    session.expire(found, ["terms"])
    found.terms = _rows(kind, terms)
    found.lock_version += 1
    for name, value in _by(actor).items():
        setattr(found, name, value)
    session.flush()
    _told(session, actor, "changed", found, before, found.texts)
    return found


def remove(session: Session, actor: Actor, item_id: int, seen: int) -> None:
    """Delete an item; the audit log keeps its terms.

    Raises:
        NotAllowedError, NotFoundError, ConflictError
    """
    _begin(session, actor)
    found = item(session, item_id)
    _refuse_stale(found, seen)
    _told(session, actor, "removed", found, before=found.texts)
    session.delete(found)
    session.flush()


def _begin(session: Session, actor: Actor) -> None:
    """Take the head's row first: writers queue up, and followers miss no change."""
    if not actor.may(Right.EDIT_LEXICON):
        raise NotAllowedError("只有热线知识管理员和系统管理员可以修改同义词和专用词")
    session.execute(update(LexiconHead).values(revision=LexiconHead.revision + 1))


def _refuse_stale(found: LexiconItem, seen: int) -> None:
    if found.lock_version != seen:
        raise ConflictError(f"{found.changed_by}刚改过这一条，请看过现在的内容再改")


def _told(
    session: Session,
    actor: Actor,
    action: str,
    found: LexiconItem,
    before: tuple[str, ...] | None = None,
    after: tuple[str, ...] | None = None,
) -> None:
    record(
        session,
        actor,
        f"lexicon_{found.kind}_{action}",
        f"lexicon:{found.id}",
        before=None if before is None else {"terms": list(before)},
        after=None if after is None else {"terms": list(after)},
    )


def _rows(kind: Kind, terms: Sequence[Term]) -> list[LexiconTerm]:
    return [
        LexiconTerm(kind=kind, position=at, text=term.text, form=term.form)
        for at, term in enumerate(terms)
    ]


def _by(actor: Actor) -> dict[str, Any]:
    return {"changed_at": clock.now(), "changed_by": actor.name}


def _terms(session: Session) -> dict[int, tuple[Kind, tuple[str, ...]]]:
    query = select(LexiconTerm.item_id, LexiconTerm.kind, LexiconTerm.text)
    found: dict[int, tuple[Kind, tuple[str, ...]]] = {}
    for row in session.execute(query.order_by(LexiconTerm.item_id, LexiconTerm.position)):
        _, before = found.get(row.item_id, (None, ()))
        found[row.item_id] = (Kind(row.kind), (*before, row.text))
    return found


def _lexicon(terms: dict[int, tuple[Kind, tuple[str, ...]]]) -> Lexicon:
    return Lexicon(
        groups=tuple(texts for kind, texts in terms.values() if kind is Kind.GROUP),
        words=tuple(texts[0] for kind, texts in terms.values() if kind is Kind.WORD),
    )
