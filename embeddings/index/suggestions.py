"""Type-ahead: questions that hold, or resemble, what is being typed. No encoder is asked."""

from collections.abc import Callable, Sequence

import numpy as np

from embeddings.index import lexical
from embeddings.index.segment import Part
from embeddings.index.types import Suggestion
from embeddings.text import segment as tokens
from embeddings.text.normalise import normalise

RESEMBLING = 200
LEAST_COVERED = 0.5

Visible = Callable[[int], bool]


def suggest(
    parts: Sequence[Part], text: str, limit: int, visible: Visible | None
) -> list[Suggestion]:
    """Return up to `limit` standard questions: first those that begin with `text`,
    then those that contain it, then those that share most of its characters.
    """  # noqa: D205 - one sentence
    typed = normalise(text)
    if not tokens.characters(typed):
        return []
    weighted = lexical.idf(tokens.characters(typed), [part.segment.characters for part in parts])
    best: dict[int, tuple[tuple[float, ...], str]] = {}
    for part in parts:
        for position, rank in _found(part, typed, weighted):
            document = part.segment.documents[position]
            known = best.get(document.id)
            if known is None or rank > known[0]:
                best[document.id] = (rank, document.phrasings[0])
    ordered = sorted(best.items(), key=lambda item: (*(-value for value in item[1][0]), item[0]))
    suggested = []
    for document_id, (_, question) in ordered:
        if visible is None or visible(document_id):
            suggested.append(Suggestion(document_id, question))
        if len(suggested) == limit:
            break
    return suggested


def _found(
    part: Part, typed: str, weighted: dict[str, float]
) -> list[tuple[int, tuple[float, ...]]]:
    """Return positions with a rank: how the text is held, and how much of it."""
    segment = part.segment
    scores = segment.characters.scores(weighted)
    holding = [row for row, form in enumerate(segment.forms) if typed in form]
    count = min(RESEMBLING, len(scores))
    resembling = np.argpartition(scores, -count)[-count:].tolist() if count else []
    total = sum(weighted.values())
    found = []
    for row in {*holding, *resembling}:
        position = int(segment.owners[row])
        form = segment.forms[row]
        held = 2.0 if form.startswith(typed) else 1.0 if typed in form else 0.0
        shared = tokens.character_set(form) & weighted.keys()
        covered = sum(weighted[token] for token in shared) / total
        if position not in part.dead and (held or covered >= LEAST_COVERED):
            found.append((position, (held, covered, float(scores[row]))))
    return found
