"""Slips of the keyboard: 养老今 for 养老金, 社宝 for 社保, shebao or gjj for words of the base."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

from embeddings.text.dictionary import cut, is_word
from embeddings.text.glyphs import look_alike, merged, sound_alike, sounds

LONGEST = 6
INITIALS = 3  # two letters stand for too many words
WAYS = 4  # readings of one word that are kept

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LETTERS = re.compile(r"(?<![a-z0-9])[a-z]{3,}(?![a-z0-9])")


class Spelling:
    """Words as they should be written, found by how they sound and look."""

    def __init__(self, words: Iterable[str]) -> None:
        self._ordered = [
            word
            for word in dict.fromkeys(words)
            if 2 <= len(word) <= LONGEST and _CHINESE.fullmatch(word)
        ]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words."""
        return frozenset(self._ordered)

    def like(self, written: str) -> str | None:
        """Return the word that `written` sounds or looks like, the one nearest to it."""
        found: list[str] = []
        for keys in (_spoken(written), _blurred(written)):
            found += [word for key in keys for word in self._by_key.get(key, ())]
        fitting = [word for word in dict.fromkeys(found) if _confused(written, word)]
        return max(fitting, key=lambda word: _same(written, word), default=None)

    def spelt(self, letters: str) -> str | None:
        """Return the word that `letters` are the pinyin of, or its initials."""
        return self._by_letters.get(letters)

    @cached_property
    def _by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._ordered:
            for key in (*_spoken(word), *_blurred(word)):
                found.setdefault(key, []).append(word)
        return found

    @cached_property
    def _by_letters(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for word in self._ordered:
            for reading in _readings(word):
                found.setdefault("".join(reading), word)
                if len(reading) >= INITIALS:
                    found.setdefault("".join(sound[0] for sound in reading), word)
        return found


def corrected(form: str, spellings: Sequence[Spelling]) -> str | None:
    """Return normalised `form` with words of `spellings` for slips; None if there are none.

    What is a word is left alone: only where jieba finds a lone character or something
    that no dictionary has may a word have been meant. From left to right, the longest first.
    """
    text = _LETTERS.sub(lambda match: _spelt(match[0], spellings) or match[0], form)
    pieces = cut(text)
    said: list[str] = []
    at = 0
    while at < len(pieces):
        for end in range(len(pieces), at, -1):
            meant = _meant(pieces[at:end], spellings)
            if meant is not None:
                said.append(meant)
                at = end
                break
        else:
            said.append(pieces[at])
            at += 1
    better = "".join(said)
    return None if better == form else better


def _spelt(letters: str, spellings: Sequence[Spelling]) -> str | None:
    found = (spelling.spelt(letters) for spelling in spellings)
    return next(filter(None, found), None)


def _meant(pieces: Sequence[str], spellings: Sequence[Spelling]) -> str | None:
    written = "".join(pieces)
    if not 2 <= len(written) <= LONGEST or not _CHINESE.fullmatch(written):
        return None
    if any(written in spelling.words for spelling in spellings) or is_word(written):
        return None
    if all(len(piece) > 1 and is_word(piece) for piece in pieces):
        return None
    found = [spelling.like(written) for spelling in spellings]
    fitting = filter(None, found)
    return max(fitting, key=lambda word: _same(written, word), default=None)


def _readings(word: str) -> Iterator[tuple[str, ...]]:
    ways = product(*(sounds(character) for character in word))
    return (way for way, _ in zip(ways, range(WAYS), strict=False))


def _spoken(word: str) -> Iterator[str]:
    """Yield keys that words share which sound alike where zh and z are the same."""
    return (" ".join(map(merged, reading)) for reading in _readings(word))


def _blurred(word: str) -> Iterator[str]:
    """Yield keys that words share which differ in one character."""
    return (f"{word[:at]}?{word[at + 1 :]}" for at in range(len(word)))


def _same(one: str, other: str) -> int:
    return sum(mine == theirs for mine, theirs in zip(one, other, strict=True))


def _confused(written: str, word: str) -> bool:
    """Tell whether somebody who meant `word` may have written `written`.

    Of two characters one must be right and the other sound the very same. Of more, all may
    sound wrong; a look, or a sound that only the south merges, is believed once.
    """
    wrong = [pair for pair in zip(written, word, strict=True) if pair[0] != pair[1]]
    heard = all(sound_alike(mine, theirs) for mine, theirs in wrong)
    if len(word) == 2:
        return len(wrong) == 1 and heard
    if heard:
        return True
    return len(wrong) == 1 and (sound_alike(*wrong[0], loosely=True) or look_alike(*wrong[0]))
