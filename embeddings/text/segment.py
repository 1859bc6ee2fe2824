"""Tokens for the lexical index: jieba words, and characters with their bigrams."""

import re

from embeddings.text.dictionary import cut_for_search
from embeddings.text.lexicon import EMPTY, Lexicon

_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


def characters(text: str) -> list[str]:
    """Return Chinese characters, their bigrams, and runs of letters or digits as they are."""
    tokens: list[str] = []
    for run in _RUNS.findall(text):
        if run[0] <= "z":
            tokens.append(run)
            continue
        tokens.extend(run)
        tokens.extend(run[at : at + 2] for at in range(len(run) - 1))
    return tokens


def words(text: str, lexicon: Lexicon = EMPTY) -> list[str]:
    """Return jieba's words (search mode) without punctuation.

    A custom word of `lexicon` is a token, besides the words in it. jieba's own dictionary
    is not touched: it is the whole process's, and a list may be tried before it counts.
    """
    found: list[str] = []
    for piece, kept in lexicon.split(text):
        inside = [word for word in cut_for_search(piece) if _RUNS.match(word)]
        found += [*inside, piece] if kept and piece not in inside else inside
    return found
