"""One question or several, and the one in a story: what is found for the parts decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from embeddings.index.types import Asked, Decision, Ranking
from embeddings.text.askings import Asking, askings, is_long

Rank = Callable[[str, int], Ranking]  # a text, and among how many it is searched for

WHOLE = 128  # characters of a long message that is also searched for as it is
SEARCHED = 5  # questions of one message
PLAIN = 2  # a question mark with a question's words, or the word that announces one


class Focus(NamedTuple):
    """The words of a story that ask best, among how many they are, and their ranking."""

    text: str
    among: int
    ranking: Ranking


@dataclass(frozen=True)
class _Part:
    """A part that was searched for; `text` may hold what was said of it further on."""

    text: str
    asking: Asking
    ranking: Ranking

    @property
    def top(self) -> int | None:
        """The best hit's document, if anything is found."""
        found = self.ranking.decision is not Decision.NO_ANSWER and self.ranking.hits
        return found[0].id if found else None


def ask(message: str, rank: Rank) -> tuple[Asked, ...]:
    """Return the questions of `message` with their rankings; one where it is not plainly more."""
    parts = askings(message)
    story = is_long(message)
    rank = cache(rank)  # a story's words are looked at twice
    if len(parts) < 2:
        return (_alone(message, rank),)
    found = _searched(parts[:SEARCHED], rank, len(parts[:SEARCHED]) if story else 1)
    whole = _alone(message, rank)
    taken = _of_story(found) if story else _of_list(found, whole.ranking)
    if len(taken) < 2:
        return (whole,)
    more = [Asked(part.text, Ranking((), Decision.NO_ANSWER)) for part in parts[SEARCHED:]]
    return (*(Asked(part.text, part.ranking) for part in taken), *more)


def focus(message: str, rank: Rank) -> Focus:
    """Return what a long message asks: the words for which most is found.

    Whoever looks at more places finds something by chance more often: the odds of each are
    divided by their number.
    """
    texts = [window for part in askings(message) for window in part.windows]
    if len(message) <= WHOLE or not texts:
        texts.append(message)
    among = max(1, len(askings(message)))
    found = [Focus(text, among, rank(text, among)) for text in dict.fromkeys(texts)]
    return max(found, key=lambda one: _strength(one.ranking))


def _alone(message: str, rank: Rank) -> Asked:
    if is_long(message):
        return Asked(message, focus(message, rank).ranking)
    return Asked(message, rank(message, 1))


def _searched(parts: Sequence[Asking], rank: Rank, among: int) -> list[_Part]:
    """Search for each part; what says more of the one before is put with it."""
    found: list[_Part] = []
    for part in parts:
        windows = list(part.windows)
        before = found[-1] if found else None
        if part.bare and before:
            windows.append(f"{before.text}，{part.text}")
        ranking = max((rank(window, among) for window in windows), key=_strength)
        this = _Part(part.text, part, ranking)
        same = this.top is not None and this.top in {one.top for one in found}
        if before and (same or (part.bare and this.top is None)):
            found[-1] = replace(before, text=f"{before.text}，{part.text}")
        else:
            found.append(this)
    return found


def _of_list(found: Sequence[_Part], whole: Ranking) -> list[_Part]:
    """Return the parts of a short message that are questions of their own."""
    known = [part for part in found if part.top is not None]
    if len(known) >= 2:
        surer = whole.decision is Decision.ANSWER and all(
            part.ranking.decision is not Decision.ANSWER for part in known
        )
        return [] if surer else [part for part in found if part.top or _explicit(part, found)]
    if len(known) == 1:
        return [part for part in found if part.top or _explicit(part, found)]
    return []


def _of_story(found: Sequence[_Part]) -> list[_Part]:
    """Return the parts of a story that are answered, or plainly asked and known."""
    return [
        part
        for part in found
        if part.top is not None
        and part.asking.plainness >= PLAIN
        and (part.ranking.decision is Decision.ANSWER or part.asking.plainness > PLAIN)
    ]


def _explicit(part: _Part, found: Sequence[_Part]) -> bool:
    """Tell whether an unknown part asks plainly enough to be told that it is unknown."""
    asking = part.asking
    begun = asking.opened or found[0] is part or asking.plainness >= PLAIN
    return begun and asking.plainness >= 1 and not asking.bare


def _strength(ranking: Ranking) -> tuple[bool, float]:
    return ranking.decision is Decision.ANSWER, ranking.listed
