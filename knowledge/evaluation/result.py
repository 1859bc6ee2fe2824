"""What became of one question, in words, as it is reported and kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from embeddings.index import SHOWN, Decision
from knowledge.evaluation.service import Base, Outcome
from knowledge.privacy.redaction import redact

TEXT_LENGTH = 500


class Verdict(StrEnum):
    """How a question ended."""

    HIT = "hit"
    LISTED = "listed"
    MISSED = "missed"
    WRONG = "wrong"
    REFUSED = "refused"
    MISTAKEN = "mistaken"


VERDICT_NAMES = {
    Verdict.HIT: "命中",
    Verdict.LISTED: "在备选中",
    Verdict.MISSED: "没有找到",
    Verdict.WRONG: "答错",
    Verdict.REFUSED: "正确拒答",
    Verdict.MISTAKEN: "误答",
}
VERDICT_HELP = {
    Verdict.HIT: "直接回答，而且答的是应命中的条目",
    Verdict.LISTED: f"反问时列出的前 {SHOWN} 条里有应命中的条目",
    Verdict.MISSED: "没有答案，或反问的备选里没有应命中的条目",
    Verdict.WRONG: "直接回答，但答的是别的条目",
    Verdict.REFUSED: "知识库答不了的问题，系统说不知道",
    Verdict.MISTAKEN: "知识库答不了的问题，系统却直接回答或列出了备选",
}
DECISION_NAMES = {
    Decision.ANSWER: "直接回答",
    Decision.CLARIFY: "反问",
    Decision.NO_ANSWER: "不知道",
}


@dataclass(frozen=True)
class Named:
    """An entry as people call it."""

    code: str
    question: str

    def __str__(self) -> str:
        return f"{self.question} [{self.code}]"


@dataclass(frozen=True)
class Result:
    """A question, what was expected, and what came.

    `probability` is the first hit's; `rank` that of the first hit that will do, None where
    none is among those looked at.
    """

    row: int
    text: str
    expected: tuple[Named, ...]
    also_ok: tuple[Named, ...]
    first: Named | None
    probability: float | None
    rank: int | None
    decision: Decision
    verdict: Verdict

    @property
    def outside(self) -> bool:
        """Whether the base should have said that it does not know."""
        return self.verdict in {Verdict.REFUSED, Verdict.MISTAKEN}

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Result":
        """Return the result that was stored."""
        first = stored["first"]
        return cls(
            **{name: stored[name] for name in ("row", "text", "probability", "rank")},
            expected=tuple(Named(**one) for one in stored["expected"]),
            also_ok=tuple(Named(**one) for one in stored["also_ok"]),
            first=Named(**first) if first else None,
            decision=Decision(stored["decision"]),
            verdict=Verdict(stored["verdict"]),
        )


def result_of(outcome: Outcome, base: Base) -> Result:
    """Return what became of a question; personal data in its text is replaced."""

    def named(names: frozenset[str]) -> tuple[Named, ...]:
        return tuple(Named(name, base.titles.get(name, "")) for name in sorted(names))

    case, hits = outcome.case, outcome.ranking.hits
    first = outcome.names[0] if outcome.names else None
    ranks = (at for at, name in enumerate(outcome.names, start=1) if name in case.lenient)
    return Result(
        row=case.row,
        text=redact(case.text).text[:TEXT_LENGTH],
        expected=named(case.gold),
        also_ok=named(case.also_ok),
        first=Named(first, base.titles.get(first, "")) if first else None,
        probability=round(hits[0].score, 4) if hits else None,
        rank=next(ranks, None),
        decision=outcome.ranking.decision,
        verdict=_verdict(outcome),
    )


def _verdict(outcome: Outcome) -> Verdict:
    decision = outcome.ranking.decision
    if outcome.case.outside:
        return Verdict.REFUSED if decision is Decision.NO_ANSWER else Verdict.MISTAKEN
    if decision is Decision.ANSWER:
        return Verdict.HIT if outcome.right(1) else Verdict.WRONG
    listed = decision is Decision.CLARIFY and outcome.right(SHOWN)
    return Verdict.LISTED if listed else Verdict.MISSED
