"""What goes into the index and what comes out."""

from dataclasses import dataclass, replace
from enum import StrEnum

SHOWN = 5  # so many hits a list holds that asks back


class Decision(StrEnum):
    """What to do with a ranking."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Document:
    """An entry as the index knows it; `phrasings[0]` is its standard question."""

    id: int
    phrasings: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Hit:
    """A document found; `score` is the chance (0 to 1) that it answers the query."""

    id: int
    score: float
    matched_phrasing: str


@dataclass(frozen=True)
class Ranking:
    """The hits, best first, the decision, and the chance that the base answers at all."""

    hits: tuple[Hit, ...]
    decision: Decision
    answerable: float = 0.0

    @property
    def listed(self) -> float:
        """The chance that the hits which a citizen is shown hold a right one."""
        return min(self.answerable, sum(hit.score for hit in self.hits[:SHOWN]))

    def cut(self, limit: int) -> "Ranking":
        """Return the ranking with its first `limit` hits."""
        return replace(self, hits=self.hits[:limit])


@dataclass(frozen=True)
class Asked:
    """One of the questions of a message: its own words, and the ranking for it."""

    text: str
    ranking: Ranking


@dataclass(frozen=True)
class Candidate:
    """A document that was looked at closely, and why it stands where it stands.

    `contributions`: for each feature how much it lifts or lowers the document's score
    against the mean of the candidates; `exact`: a phrasing is the very question;
    `opposed`: a negative question is nearer than any phrasing.
    """

    hit: Hit
    contributions: dict[str, float]
    exact: bool
    opposed: bool


@dataclass(frozen=True)
class Explanation:
    """A ranking with what led to it.

    `asked` is the question as it was searched for; `listed` the chance that the hits a
    citizen would be shown hold a right one; the thresholds are those in force; a `vague`
    question is a word that several entries have to do with.
    """

    ranking: Ranking
    candidates: tuple[Candidate, ...]
    asked: str
    listed: float = 0.0
    answer_from: float = 0.0
    clarify_from: float = 0.0
    vague: bool = False


@dataclass(frozen=True)
class Suggestion:
    """A document's standard question, offered while somebody types."""

    id: int
    text: str


@dataclass(frozen=True)
class Promises:
    """What the thresholds are set to keep.

    Attributes:
        answer_precision: of the direct answers, this share at least is right.
        clarify_contains: of the lists asked back with, this share at least holds
            the right entry, if the base has it.
        refused: of the questions that no base answers, this share at least is refused.
    """

    answer_precision: float = 0.95
    clarify_contains: float = 0.9
    refused: float = 0.985
