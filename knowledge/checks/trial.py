"""Test before publish: which questions a version would win, and from whom."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from embeddings.index import SHOWN, Decision, Ranking
from embeddings.index.swap import Asked, Swap
from knowledge.checks.frozen import Question
from knowledge.search.catalogue import Listing
from knowledge.search.service import SearchService

RANKED = 300  # questions ranked twice, the nearest first: seconds, not minutes
KEPT = 30  # of each kind that a report keeps


class Kind(StrEnum):
    """What becomes of a question."""

    WON = "won"  # nobody answered it before
    TAKEN = "taken"  # another entry stood first
    WORSE = "worse"  # what is known to be right is shown no more
    FARTHER = "farther"  # it was answered at once, now people must choose


@dataclass(frozen=True)
class Place:
    """What stands first for a question; `code` is empty where nothing is shown."""

    code: str
    question: str
    probability: float
    decision: str


@dataclass(frozen=True)
class Effect:
    """A question whose outcome the version would change."""

    kind: Kind
    text: str
    stored: bool
    before: Place
    after: Place
    expected: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Effect":
        """Return the effect that was kept."""
        changed = {
            "kind": Kind(kept["kind"]),
            "before": Place(**kept["before"]),
            "after": Place(**kept["after"]),
            "expected": tuple(kept["expected"]),
        }
        return cls(**{**kept, **changed})


@dataclass(frozen=True)
class Trial:
    """What became of all questions. `ranked` of `near` were looked at closely, of `asked` in all.

    `own`: of the version's own phrasings, each asked without itself, how many are found.
    """

    asked: int
    near: int
    ranked: int
    seconds: float
    own: tuple[int, int]
    counts: dict[str, int]
    effects: tuple[Effect, ...]

    def of(self, kind: str) -> list[Effect]:
        """Return the effects of one kind."""
        return [one for one in self.effects if one.kind == kind]

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return {**vars(self), "effects": [one.as_json() for one in self.effects]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Trial":
        """Return the trial that was kept."""
        effects = tuple(Effect.from_json(one) for one in kept["effects"])
        return cls(**{**kept, "own": tuple(kept["own"]), "effects": effects})


@dataclass(frozen=True)
class Trier:
    """Compares the base as it is with the base that holds the pending version."""

    search: SearchService
    swap: Swap
    mine: Listing

    def run(self, questions: Sequence[Question]) -> Trial:
        """Try stored phrasings, and `questions` whose vectors are in the cache or get there."""
        started = time.perf_counter()
        ids = self.search.replica.catalogue.ids() | {self.mine.code: self.swap.document.id}
        expected = {one.text: one.expected for one in questions}
        stored = self.swap.phrasings()
        near = [*stored, *self.swap.near(list(expected))]
        near.sort(key=lambda one: -one.likeness)
        effects: list[Effect] = []
        own = [0, 0]
        for asked in near[:RANKED]:
            before, after = self.swap.rankings(asked, SHOWN, self._serving, self._then)
            right = self._right(asked, expected, ids)
            if asked.own == self.swap.document.id and asked.text in self.swap.document.phrasings:
                own[1] += 1
                own[0] += self.swap.document.id in shown(after)
            effects += self._effects(asked, before, after, right)
        held = self.search.replica.index.phrasings
        return Trial(
            asked=held + len(questions),
            near=len(near),
            ranked=min(len(near), RANKED),
            seconds=round(time.perf_counter() - started, 2),
            own=(own[0], own[1]),
            counts={kind.value: sum(one.kind is kind for one in effects) for kind in Kind},
            effects=tuple(_kept(effects)),
        )

    def _effects(
        self, asked: Asked, before: Ranking, after: Ranking, right: frozenset[int] | None
    ) -> Iterable[Effect]:
        mine = self.swap.document.id
        first_before, first_after = shown(before)[:1], shown(after)[:1]
        own = asked.own == mine
        kinds = []
        if first_after == [mine] and first_before != [mine] and not own:
            kinds.append(Kind.TAKEN if first_before else Kind.WON)
        if right is not None:
            was, is_now = standing(before, right), standing(after, right)
            if is_now < was:
                kinds.append(Kind.WORSE if is_now == 0 else Kind.FARTHER)
        for kind in kinds:
            yield Effect(
                kind,
                asked.text,
                asked.own is not None,
                self._place(before),
                self._place(after),
                tuple(self._name(one) for one in sorted(right or ())),
            )

    def _right(
        self,
        asked: Asked,
        expected: Mapping[str, frozenset[str] | None],
        ids: Mapping[str, int],
    ) -> frozenset[int] | None:
        """Return the ids of what answers a question; empty: nothing should; None: unknown."""
        if asked.own is not None:
            return frozenset({asked.own})
        codes = expected.get(asked.text)
        return None if codes is None else frozenset(ids[one] for one in codes if one in ids)

    def _serving(self, document: int) -> bool:
        return self.search.replica.catalogue.in_service(document)

    def _then(self, document: int) -> bool:
        return document == self.swap.document.id or self._serving(document)

    def _place(self, ranking: Ranking) -> Place:
        if not shown(ranking):
            return Place("", "", 0.0, ranking.decision.value)
        hit = ranking.hits[0]
        named = self._listing(hit.id)
        if named is None:
            return Place("", "", round(hit.score, 4), ranking.decision.value)
        return Place(named.code, named.question, round(hit.score, 4), ranking.decision.value)

    def _listing(self, document: int) -> Listing | None:
        if document == self.swap.document.id:
            return self.mine
        return self.search.replica.catalogue.get(document)

    def _name(self, document: int) -> str:
        named = self._listing(document)
        return named.question if named else ""


def shown(ranking: Ranking) -> list[int]:
    """Return the documents that a citizen would see: one, a list, or none."""
    ids = [hit.id for hit in ranking.hits]
    if ranking.decision is Decision.ANSWER:
        return ids[:1]
    return ids[:SHOWN] if ranking.decision is Decision.CLARIFY else []


def standing(ranking: Ranking, right: frozenset[int]) -> int:
    """Return 2 where a question ends well, 1 where people must choose, 0 where it does not."""
    seen = shown(ranking)
    if not right:  # out of scope: saying so is right
        return {Decision.NO_ANSWER: 2, Decision.CLARIFY: 1}.get(ranking.decision, 0)
    if ranking.decision is Decision.ANSWER:
        return 2 if right & set(seen) else 0
    return 1 if right & set(seen) else 0


def _kept(effects: Sequence[Effect]) -> list[Effect]:
    """Return the first of each kind."""
    kept: list[Effect] = []
    for kind in Kind:
        kept += [one for one in effects if one.kind is kind][:KEPT]
    return kept
