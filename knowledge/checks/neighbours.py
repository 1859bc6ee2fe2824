"""Entries that would answer the same question: side by side, with what they state differently."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from embeddings.index.swap import Swap
from embeddings.text.normalise import key
from knowledge.checks.figures import Disagreement, disagreements
from knowledge.checks.findings import Finding, notice
from knowledge.checks.regions import overlap
from knowledge.entries.content import EntryContent
from knowledge.entries.models import Entry
from knowledge.search.service import SearchService

ALIKE = 0.5  # the chance, for one of the phrasings, that the other entry answers it
LOOKED_AT = 5
MOST = 5


@dataclass(frozen=True)
class Neighbour:
    """Another entry; `phrasing` is ours that leads to it, by its own `theirs`.

    `probability`: that it answers `phrasing`; `exact`: both phrasings are the same.
    """

    code: str
    question: str
    department: str
    phrasing: str
    theirs: str
    probability: float
    exact: bool
    answer: str
    disagreements: tuple[Disagreement, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Neighbour":
        """Return the neighbour that was kept."""
        found = tuple(
            Disagreement(one["kind"], tuple(one["here"]), tuple(one["there"]))
            for one in kept["disagreements"]
        )
        return cls(**{**kept, "disagreements": found})


def neighbours(
    session: Session, search: SearchService, swap: Swap, content: EntryContent
) -> list[Neighbour]:
    """Return the entries in service, of a region that meets ours, likely to answer the same."""
    best: dict[int, tuple[float, str, str]] = {}
    for phrasing, ranking in swap.others(LOOKED_AT, search.replica.catalogue.in_service):
        for hit in ranking.hits:
            same = key(hit.matched_phrasing) == key(phrasing)
            chance = 1.0 if same else hit.score
            if chance >= ALIKE and chance > best.get(hit.id, (0.0,))[0]:
                best[hit.id] = (chance, phrasing, hit.matched_phrasing)
    rows = session.scalars(
        select(Entry)
        .where(Entry.id.in_(list(best)))
        .options(joinedload(Entry.department), joinedload(Entry.published))
    ).all()
    found = [
        _neighbour(entry, content, *best[entry.id])
        for entry in rows
        if entry.published is not None and overlap(entry.published.region, content.region)
    ]
    found.sort(key=lambda one: (-len(one.disagreements), -one.probability, one.code))
    return found[:MOST]


def findings(found: list[Neighbour], content: EntryContent) -> list[Finding]:
    """Return what the neighbours ask to be looked at."""
    told = []
    for one in found:
        first = one.phrasing == content.standard_question
        field = "standard_question" if first else "similar_questions"
        whose = f"《{one.question}》（{one.department}）"
        if one.exact:
            problem = f"和{whose}的问法一字不差，市民这样问要再选一次"
            remedy = "和那个部门商量由谁回答，另一条删去这个问法或写成负例问"
            told.append(notice(field, one.phrasing, problem, remedy))
        for other in one.disagreements:
            problem = f"可能和{whose}矛盾：{other}"
            remedy = "核对哪一个对；对方不对的，到那一条提出纠错"
            told.append(notice("answer", "、".join(other.here[:4]), problem, remedy))
        if not one.exact and not one.disagreements:
            problem = f"{whose}可能回答同一个问题（{one.probability:.0%}）"
            remedy = "对照两条的答案；重复的合成一条，不同的用负例问分开"
            told.append(notice(field, one.phrasing, problem, remedy))
    return told


def _neighbour(
    entry: Entry, content: EntryContent, chance: float, phrasing: str, theirs: str
) -> Neighbour:
    published = entry.published
    answer = published.answer if published is not None else ""
    return Neighbour(
        code=entry.code,
        question=published.standard_question if published is not None else "",
        department=entry.department.name,
        phrasing=phrasing,
        theirs=theirs,
        probability=round(min(chance, 0.99), 4),
        exact=key(phrasing) == key(theirs),
        answer=answer,
        disagreements=tuple(disagreements(content.answer, answer)),
    )
