"""What to add to an entry, and what another entry holds already."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from knowledge import clock
from knowledge.audit.service import record
from knowledge.entries.content import PHRASING_LENGTH, phrasing_key
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.service import entry_coded
from knowledge.errors import ContentError, NotAllowedError
from knowledge.gaps.models import Dismissal
from knowledge.outcomes.models import Outcome
from knowledge.outcomes.service import Kind
from knowledge.people.actor import Actor, Right
from knowledge.queries.models import Query
from knowledge.search.service import SearchService

SUGGESTED = 12
DAYS = 180
CHOSEN_WEIGHT = 2  # a person chose this entry for it; the other came of the search alone
SAME, NEARLY = 0.9, 0.6  # likeness of two phrasings; paraphrases begin near 0.4
LOOKED_AT = 8


@dataclass(frozen=True)
class Suggested:
    """A citizen's question that led to an entry and is no phrasing of it yet."""

    text: str
    chosen: int
    answered: int


@dataclass(frozen=True)
class Duplicate:
    """A phrasing of another entry that says (nearly) the same."""

    code: str
    question: str
    department: str
    phrasing: str
    words: str


def similar_questions(session: Session, entry: Entry, limit: int = SUGGESTED) -> list[Suggested]:
    """Return what citizens asked and were led to this entry by, the most frequent first.

    Chosen from a list, or answered at once; what is a phrasing already (also a negative
    one) or was dismissed is left out.
    """
    since = clock.now() - timedelta(days=DAYS)
    chosen = session.execute(
        select(Outcome.text, func.count())
        .where(Outcome.entry_id == entry.id, Outcome.kind == Kind.CHOSEN.value, Outcome.at > since)
        .group_by(Outcome.text)
    ).all()
    answered = session.execute(
        select(Query.text, func.count())
        .where(Query.entry_id == entry.id, Query.decision == "answer", Query.at > since)
        .group_by(Query.text)
    ).all()
    clicks, answers, texts = Counter[str](), Counter[str](), dict[str, str]()
    for counts, rows in ((clicks, chosen), (answers, answered)):
        for text, times in rows:
            key = phrasing_key(text)
            texts.setdefault(key, " ".join(text.split()))
            counts[key] += times
    held = _held(entry)
    dismissed = set(session.scalars(select(Dismissal.form).where(Dismissal.entry_id == entry.id)))
    found = [
        Suggested(text, clicks[key], answers[key])
        for key, text in texts.items()
        if key and key not in held and len(text) <= PHRASING_LENGTH
        and phrasing_digest(text) not in dismissed
    ]  # fmt: skip
    found.sort(key=lambda one: (-CHOSEN_WEIGHT * one.chosen - one.answered, one.text))
    return found[:limit]


def dismiss(session: Session, actor: Actor, code: str, text: str) -> None:
    """Never suggest this question for this entry again.

    Raises:
        NotAllowedError, NotFoundError
        ContentError: no text.
    """
    entry = entry_coded(session, code)
    if not actor.may(Right.EDIT_ENTRIES, entry.department_id):
        raise NotAllowedError("这一条属于其他部门，您不能修改它的建议")
    form = phrasing_digest(text)
    if not phrasing_key(text):
        raise ContentError({"text": "没有收到要忽略的问法"})
    known = select(Dismissal.id).where(Dismissal.entry_id == entry.id, Dismissal.form == form)
    if session.scalar(known) is None:
        session.add(Dismissal(entry_id=entry.id, form=form, at=clock.now()))
        after = {"text": text[:PHRASING_LENGTH]}
        record(session, actor, "suggestion_dismissed", f"entry:{entry.id}", after=after)


def phrasing_digest(text: str) -> str:
    """Return what a phrasing is remembered by, 64 hexadecimal digits."""
    return hashlib.sha256(phrasing_key(text).encode()).hexdigest()


def duplicates(
    session: Session, search: SearchService, text: str, region: str, code: str = ""
) -> list[Duplicate]:
    """Return the phrasings of other entries of the region that say the same as `text`.

    Published entries are looked through by the search; likeness is measured between the
    phrasings themselves. `code`: the entry that is being written.
    """
    if not phrasing_key(text):
        return []
    hits = search.search(text, LOOKED_AT).hits
    rows = session.scalars(
        select(Entry)
        .where(Entry.id.in_([hit.entry_id for hit in hits]), Entry.code != code)
        .options(joinedload(Entry.department), joinedload(Entry.published))
    ).all()
    by_id = {row.id: row for row in rows if row.published and _shared(row.published, region)}
    wanted = [hit for hit in hits if hit.entry_id in by_id]
    likeness = _likeness(search, text, [hit.matched_phrasing for hit in wanted])
    found = []
    for hit, alike in zip(wanted, likeness, strict=True):
        entry = by_id[hit.entry_id]
        words = _words(text, hit.matched_phrasing, alike)
        if words:
            found.append((alike, Duplicate(
                entry.code, hit.question, entry.department.name, hit.matched_phrasing, words
            )))  # fmt: skip
    found.sort(key=lambda one: -one[0])
    return [one for _, one in found]


def _shared(version: EntryVersion, region: str) -> bool:
    """Whether the version also serves in the region: nothing written, the nation or a province
    counts as everywhere, a city counts for its districts."""
    own = version.region
    if any(not one or one == "全国" or one.endswith("省") for one in (own, region)):
        return True
    return own.startswith(region) or region.startswith(own)


def _likeness(search: SearchService, text: str, phrasings: Sequence[str]) -> list[float]:
    vectors = search.meanings([text, *phrasings])
    return [float(one) for one in vectors[1:] @ vectors[0]]


def _words(text: str, phrasing: str, alike: float) -> str:
    if phrasing_key(text) == phrasing_key(phrasing):
        return "一字不差"
    if alike >= SAME:
        return "几乎相同"
    return "很接近" if alike >= NEARLY else ""


def _held(entry: Entry) -> set[str]:
    held = set()
    for version in filter(None, (entry.published, entry.draft)):
        held.add(phrasing_key(version.standard_question))
        held |= {phrasing_key(one.text) for one in version.phrasings}
    return held
