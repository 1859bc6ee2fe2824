"""The lexicon as plain text that people can read, compare and send: one item a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.text.lexicon import Lexicon
from knowledge.errors import ContentError, KnowledgeError
from knowledge.lexicon.models import Kind
from knowledge.lexicon.rules import checked, separated

HEADINGS = {"# 同义词": Kind.GROUP, "# 专用词": Kind.WORD}
LARGEST = 1_000_000  # bytes


class LexiconFileError(KnowledgeError):
    """A file cannot be read; the message names the line."""


@dataclass(frozen=True)
class Line:
    """An item with the line that it stands on (from 1)."""

    number: int
    kind: Kind
    texts: tuple[str, ...]


def read(path: Path) -> list[Line]:
    """Return the items of a file; lines under “# 专用词” are words, all others groups.

    Raises:
        LexiconFileError: no such file, too large, not UTF-8, a line that breaks the rules, or a
            term that stands in two lines.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise LexiconFileError(f"{path.name} 太大，最多 {LARGEST // 1_000_000} MB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LexiconFileError(f"无法读取 {path}：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LexiconFileError(f"{path.name} 不是 UTF-8 编码的文本，请另存为 UTF-8") from error
    found = list(_lines(path.name, text))
    _refuse_twice(path.name, found)
    return found


def write(lexicon: Lexicon) -> str:
    """Return `lexicon` as such a text."""
    groups = ["、".join(group) for group in lexicon.groups]
    return "\n".join(["# 同义词", *groups, "", "# 专用词", *lexicon.words, ""])


def as_lexicon(lines: list[Line]) -> Lexicon:
    """Return the items of a file as search uses them."""
    return Lexicon(
        groups=tuple(line.texts for line in lines if line.kind is Kind.GROUP),
        words=tuple(line.texts[0] for line in lines if line.kind is Kind.WORD),
    )


def _lines(name: str, text: str) -> Iterator[Line]:
    kind = Kind.GROUP
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        kind = HEADINGS.get(stripped, kind)
        if not stripped or stripped.startswith("#"):
            continue
        texts = tuple(separated(stripped))
        try:
            checked(kind, texts)
        except ContentError as error:
            raise LexiconFileError(f"{name} 第 {number} 行：{error}") from error
        yield Line(number, kind, texts)


def _refuse_twice(name: str, lines: list[Line]) -> None:
    seen: dict[tuple[Kind, str], int] = {}
    for line in lines:
        for term in checked(line.kind, line.texts):
            before = seen.setdefault((line.kind, term.form), line.number)
            if before != line.number:
                raise LexiconFileError(
                    f"{name} 第 {line.number} 行：“{term.text}”在第 {before} 行已经有了"
                )
