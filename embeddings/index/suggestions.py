"""Type-ahead: by characters alone, cheap enough for every key that is pressed."""

from collections.abc import Sequence

from embeddings.index import lexical
from embeddings.index.candidates import Visible
from embeddings.index.state import Part
from embeddings.index.types import Suggestion
from embeddings.text import segment as tokens
from embeddings.text.normalise import normalise

LOOKED_AT = 60
BEGINS, CONTAINS = 2.0, 1.0


def suggest(
    parts: Sequence[Part], text: str, limit: int, visible: Visible | None
) -> list[Suggestion]:
    """Return standard questions of the entries whose phrasings match what is typed best."""
    typed = normalise(text)
    weighted = lexical.idf(tokens.characters(typed), [part.segment.characters for part in parts])
    if not weighted:
        return []
    highest = sum(weighted.values()) * (lexical.K1 + 1) + 1e-9
    best: dict[int, tuple[float, str]] = {}
    for part in parts:
        for row, score in _rows(part, weighted):
            segment, position = part.segment, int(part.segment.owners[row])
            document = int(segment.ids[position])
            if document in part.gone or (visible is not None and not visible(document)):
                continue
            value = score / highest + _bonus(segment.forms[row], typed)
            if value > best.get(document, (0.0, ""))[0]:
                best[document] = (value, segment.texts[int(segment.starts[position])])
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return [Suggestion(document, question) for document, (_, question) in ordered[:limit]]


def _rows(part: Part, weighted: dict[str, float]) -> list[tuple[int, float]]:
    rows = part.segment.characters.top(weighted, LOOKED_AT)
    scores = part.segment.characters.scores(weighted, rows)
    return list(zip(rows.tolist(), scores.tolist(), strict=True))


def _bonus(form: str, typed: str) -> float:
    if form.startswith(typed):
        return BEGINS
    return CONTAINS if typed in form else 0.0
