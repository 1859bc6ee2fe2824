"""What a second evaluation won and lost against the first, question by question."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from knowledge.entries.content import phrasing_key
from knowledge.evaluation.result import Result, Verdict

# The better, the higher; a question out of scope knows only the last two.
_WORTH = {
    Verdict.HIT: 3,
    Verdict.LISTED: 2,
    Verdict.MISSED: 1,
    Verdict.WRONG: 0,
    Verdict.REFUSED: 1,
    Verdict.MISTAKEN: 0,
}
FIGURES = (
    "lenient_at_1",
    "recall_at_5",
    "mrr_at_10",
    "decisions.answer.share",
    "decisions.answer.precision",
    "decisions.clarify.contains",
    "decisions.no_answer.share",
    "out_of_scope.refused",
    "out_of_scope.answered",
    "calibration.ece",
)


@dataclass(frozen=True)
class Pair:
    """A question as it ended before and after."""

    before: Result
    after: Result

    @property
    def gain(self) -> int:
        """Above 0: better than before; below: worse."""
        return _WORTH[self.after.verdict] - _WORTH[self.before.verdict]


@dataclass(frozen=True)
class Comparison:
    """The questions of two evaluations, each in the first one of these where it belongs.

    `altered`: other entries are expected now, so nothing is won or lost.
    """

    only_before: tuple[Result, ...]
    only_after: tuple[Result, ...]
    altered: tuple[Pair, ...]
    won: tuple[Pair, ...]
    lost: tuple[Pair, ...]
    same: int


def compare(before: Iterable[Result], after: Iterable[Result]) -> Comparison:
    """Compare two evaluations; a question is the same if its letters and digits are.

    What comes several times in a file is compared in its order.
    """
    old, new = dict(_keyed(before)), dict(_keyed(after))
    pairs = [Pair(old[key], new[key]) for key in old if key in new]
    same_task = [pair for pair in pairs if _expected(pair.before) == _expected(pair.after)]
    won = [pair for pair in same_task if pair.gain > 0]
    lost = [pair for pair in same_task if pair.gain < 0]
    return Comparison(
        only_before=tuple(old[key] for key in old if key not in new),
        only_after=tuple(new[key] for key in new if key not in old),
        altered=tuple(pair for pair in pairs if _expected(pair.before) != _expected(pair.after)),
        won=tuple(sorted(won, key=lambda pair: -pair.gain)),
        lost=tuple(sorted(lost, key=lambda pair: pair.gain)),
        same=len(same_task) - len(won) - len(lost),
    )


def figure(metrics: dict[str, Any], path: str) -> float | None:
    """Return the figure at a path such as `calibration.ece`, None where there is none."""
    found: Any = metrics
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) else None


def _keyed(results: Iterable[Result]) -> Iterator[tuple[tuple[str, int], Result]]:
    seen: Counter[str] = Counter()
    for result in results:
        key = phrasing_key(result.text) or result.text
        seen[key] += 1
        yield (key, seen[key]), result


def _expected(result: Result) -> tuple[bool, frozenset[str]]:
    return result.outside, frozenset(named.code for named in result.expected)
