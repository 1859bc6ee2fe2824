"""What staff say of words: terms that mean the same, and words to keep whole."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property

from embeddings.text.normalise import unified
from embeddings.text.spelling import Spelling

MOST_VARIANTS = 16


@dataclass(frozen=True)
class _Found:
    """`form[start:end]` is a term of group `group`."""

    start: int
    end: int
    group: int


@dataclass(frozen=True)
class Lexicon:
    """Groups of terms that mean the same, the standard term first, and custom words.

    Terms are compared in the form of normalised texts (`embeddings.text.normalise`).
    A term of two groups counts for the first one; whoever keeps the list prevents that.
    Nothing inside a custom word is a term: 儿童节 is not 小孩节.
    """

    groups: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()

    def variants(self, form: str) -> tuple[str, ...]:
        """Return normalised `form` in other words: one term replaced at a time.

        Terms are found from left to right, the longest first, and do not overlap. At most
        `MOST_VARIANTS` come back, in turn for each term found.
        """
        ways = [list(self._replaced(form, found)) for found in self._terms_in(form)]
        most = max(map(len, ways), default=0)
        turns = [way[at] for at in range(most) for way in ways if at < len(way)]
        return tuple(dict.fromkeys(turns))[:MOST_VARIANTS]

    def rewritten(self, form: str, known: Callable[[str], bool]) -> str | None:
        """Return normalised `form` in words that the base uses; None if there is no need.

        A term that is not `known` gives way to the first of its group that is. A known term
        stays: the encoder finds what was asked as it was asked.
        """
        text = form
        for found in reversed(self._terms_in(form)):
            if known(form[found.start : found.end]):
                continue
            better = next(filter(known, self._forms[found.group]), None)
            if better is not None:
                text = text[: found.start] + better + text[found.end :]
        return None if text == form else text

    def split(self, form: str) -> Iterator[tuple[str, bool]]:
        """Yield the pieces of `form`, each with whether it is a custom word."""
        done = 0
        for start, end in _occurrences(form, self.kept, self._longest):
            if done < start:
                yield form[done:start], False
            yield form[start:end], True
            done = end
        if done < len(form):
            yield form[done:], False

    @cached_property
    def spelling(self) -> Spelling:
        """The terms and the custom words, by sound and look."""
        return Spelling([*self._groups, *sorted(self.kept)])

    @cached_property
    def kept(self) -> frozenset[str]:
        """The custom words' forms."""
        return frozenset(filter(None, map(unified, self.words)))

    @cached_property
    def _forms(self) -> tuple[tuple[str, ...], ...]:
        return tuple(
            tuple(dict.fromkeys(filter(None, map(unified, group)))) for group in self.groups
        )

    @cached_property
    def _groups(self) -> dict[str, int]:
        """Each term's group."""
        groups: dict[str, int] = {}
        for at, group in enumerate(self._forms):
            for term in group:
                groups.setdefault(term, at)
        return groups

    @cached_property
    def _sought(self) -> frozenset[str]:
        return self.kept | self._groups.keys()

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._sought), default=0)

    def _terms_in(self, form: str) -> list[_Found]:
        return [
            _Found(start, end, self._groups[form[start:end]])
            for start, end in _occurrences(form, self._sought, self._longest)
            if form[start:end] in self._groups
        ]

    def _replaced(self, form: str, found: _Found) -> Iterator[str]:
        term = form[found.start : found.end]
        for other in self._forms[found.group]:
            if other != term:
                yield form[: found.start] + other + form[found.end :]


EMPTY = Lexicon()


def _occurrences(form: str, terms: Set[str], longest: int) -> Iterator[tuple[int, int]]:
    """Yield where terms stand, from left to right, the longest first, without overlap."""
    start = 0
    while start < len(form):
        for end in range(min(len(form), start + longest), start, -1):
            if form[start:end] in terms and _stands_alone(form, start, end):
                yield start, end
                start = end
                break
        else:
            start += 1


def _stands_alone(form: str, start: int, end: int) -> bool:
    """Tell that no word of Latin letters or digits is cut in two: etc is not in fetch."""
    return not (_joined(form, start) or _joined(form, end))


def _joined(form: str, at: int) -> bool:
    around = form[at - 1 : at + 1] if 0 < at < len(form) else ""
    return len(around) == 2 and around.isascii() and around.isalnum()
