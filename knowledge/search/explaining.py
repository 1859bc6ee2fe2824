"""Why a question leads where it leads, in words that departments understand."""

from dataclasses import dataclass

from embeddings.index import Decision, Explanation
from knowledge.search.result import SearchHit

QUESTION_LENGTH = 500
LEAST = 0.05  # a reason that lifts a score by less is not worth a word

REASONS = {
    "best": "最像的一条问法",
    "second": "第二像的问法",
    "centroid": "全部问法合起来",
    "adapted_best": "最像的一条问法（按本库的区分方式）",
    "adapted_centroid": "全部问法合起来（按本库的区分方式）",
    "characters": "字相同",
    "words": "词相同",
    "entry_coverage": "问题里的字条目都有",
    "phrasing_coverage": "问法里的字问题都有",
    "length": "长短相近",
}


@dataclass(frozen=True)
class Reason:
    """What lifts (or lowers, if negative) an entry against the others that were looked at."""

    text: str
    lift: float


@dataclass(frozen=True)
class Considered:
    """An entry that was looked at closely, and why it stands where it stands."""

    hit: SearchHit
    reasons: tuple[Reason, ...]
    exact: bool
    opposed: bool


@dataclass(frozen=True)
class Explained:
    """A question's candidates, best first, the decision, and why, in words."""

    query: str
    asked: str
    decision: Decision
    because: str
    considered: tuple[Considered, ...]

    @property
    def reworded(self) -> bool:
        """Whether it was searched for in other characters than those that were typed."""
        return _bare(self.asked) != _bare(self.query)


def reasons(contributions: dict[str, float]) -> tuple[Reason, ...]:
    """Return the reasons worth a word, the strongest first; encoders are taken together."""
    lifts: dict[str, float] = {}
    for name, lift in contributions.items():
        text = REASONS.get(name.rstrip("0123456789").rstrip("_"))
        if text is not None:
            lifts[text] = lifts.get(text, 0.0) + lift
    found = [Reason(text, lift) for text, lift in lifts.items() if abs(lift) >= LEAST]
    return tuple(sorted(found, key=lambda one: -abs(one.lift)))


def because(found: Explanation) -> str:
    """Say why the decision is what it is."""
    exact = sum(one.exact for one in found.candidates)
    if exact == 1:
        return "问题与这条的一个问法一字不差（只差标点、客套话），直接回答。"
    if exact:
        return f"问题与 {exact} 个条目的问法一字不差，分不清是哪一个，请市民选。"
    if not found.candidates:
        return "没有一个条目值得细看，说不知道，并给出 12345。"
    top = _percent(found.candidates[0].hit.score)
    direct, listed = _percent(found.answer_from), _percent(found.clarify_from)
    if found.ranking.decision is Decision.ANSWER:
        return f"第一条答得对的概率 {top}，达到直接回答的门槛 {direct}。"
    missed = f"第一条答得对的概率 {top}，没到直接回答的门槛 {direct}；"
    if found.vague and found.candidates[0].hit.score >= found.answer_from:
        missed = (
            f"第一条答得对的概率 {top}，但只说了一个词，几个条目都与它有关，说的是哪件事还不清楚；"
        )
    share = f"前五条里有对的概率 {_percent(found.listed)}，"
    if found.ranking.decision is Decision.CLARIFY:
        return f"{missed}{share}达到反问的门槛 {listed}，列出来请市民选。"
    return f"{missed}{share}没到反问的门槛 {listed}，说不知道，并给出 12345。"


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _percent(chance: float) -> str:
    return f"{min(chance, 0.999):.1%}"
