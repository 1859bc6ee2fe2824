"""What the lexicon has to do with texts that are indexed already."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from embeddings.index import lexical
from embeddings.index.segment import Segment
from embeddings.index.state import Part, State
from embeddings.text import segment as tokens
from embeddings.text.lexicon import EMPTY, Lexicon


def worded(segment: Segment, lexicon: Lexicon, before: Lexicon = EMPTY) -> Segment:
    """Return `segment`, cut so far by the words of `before`, cut by those of `lexicon`.

    Where no phrasing has a word that came or went it is the same segment; else jieba cuts its
    phrasings again. Vectors and characters do not depend on words.
    """
    changed = lexicon.kept ^ before.kept
    if not changed or not any(word in form for form in segment.forms for word in changed):
        return segment
    return replace(
        segment, words=lexical.build(tokens.words(form, lexicon) for form in segment.forms)
    )


def reworded(state: State, lexicon: Lexicon, before: Lexicon) -> State:
    """Return `state` with all its segments cut by the words of `lexicon`."""
    parts: Sequence[Part] = [
        replace(part, segment=worded(part.segment, lexicon, before)) for part in state.parts
    ]
    return State(tuple(parts))


def stands_in(segments: Sequence[Segment], term: str) -> bool:
    """Tell whether some phrasing has `term` (normalised) in it."""
    wanted = tokens.characters(term)
    for segment in segments:
        postings = segment.characters
        numbers = postings.numbers(wanted)
        if not len(numbers) or (numbers < 0).any():
            continue
        rarest = numbers[np.argmin(postings.frequencies[numbers])]
        rows = postings.rows[postings.starts[rarest] : postings.starts[rarest + 1]]
        if any(term in segment.forms[row] for row in rows.tolist()):
            return True
    return False


def in_its_words(state: State, lexicon: Lexicon, form: str) -> str:
    """Return normalised `form` with terms that the base uses for those that it does not."""
    parts = [part.segment for part in state.parts]
    return lexicon.rewritten(form, partial(stands_in, parts)) or form
