"""Reads evaluation files: one JSON object a line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from embeddings.index import Document
from knowledge.errors import KnowledgeError

MAX_BYTES = 200 * 1024 * 1024


class CaseError(KnowledgeError):
    """An evaluation file cannot be used; the message names file, line and what is wrong."""


@dataclass(frozen=True)
class Corpus:
    """A base to evaluate on: documents, and the names that the file gives them."""

    documents: list[Document]
    names: dict[int, str]

    @property
    def entries(self) -> int:
        """How many entries the base holds."""
        return len(self.documents)

    @property
    def phrasings(self) -> int:
        """How many phrasings lead to them."""
        return sum(len(document.phrasings) for document in self.documents)

    @cached_property
    def titles(self) -> dict[str, str]:
        """The entries' standard questions, by name."""
        return {self.names[one.id]: one.phrasings[0] for one in self.documents}


@dataclass(frozen=True)
class Case:
    """A question, the entries that answer it, and those that also will do.

    `row` is its row in the file; `outside`: the base cannot answer it and should say so.
    """

    text: str
    gold: frozenset[str]
    also_ok: frozenset[str] = frozenset()
    row: int = 0
    outside: bool = False

    @property
    def lenient(self) -> frozenset[str]:
        """All entries that count as right."""
        return self.gold | self.also_ok


def read_corpus(path: Path) -> Corpus:
    """Read entries: `id`, `question` or `standard_question`, `similar_questions`, `answer`.

    Raises:
        CaseError: unreadable, no rows, a row without id or question, an id twice.
    """
    documents: list[Document] = []
    names: dict[int, str] = {}
    seen: set[str] = set()
    for number, row in _rows(path):
        name = str(row.get("id") or "")
        question = str(row.get("question") or row.get("standard_question") or "").strip()
        if not name or not question:
            raise CaseError(f"{path} 第 {number} 行：缺少 id 或 question")
        if name in seen:
            raise CaseError(f"{path} 第 {number} 行：编号“{name}”重复")
        seen.add(name)
        similar = row.get("similar_questions") or []
        if not isinstance(similar, list):
            raise CaseError(f"{path} 第 {number} 行：similar_questions 应是列表")
        names[number] = name
        phrasings = (question, *(str(text) for text in similar if str(text).strip()))
        documents.append(Document(number, phrasings, answer=str(row.get("answer") or "")))
    if not documents:
        raise CaseError(f"{path} 是空的：至少要有一个条目")
    return Corpus(documents, names)


def read_cases(path: Path, known: frozenset[str], *, outside: bool = False) -> list[Case]:
    """Read questions: `text`, `gold` (entry ids), `also_ok`; `outside` marks all of them.

    Raises:
        CaseError: unreadable, no rows, no text, or an id that `known` lacks.
    """
    cases = []
    for number, row in _rows(path):
        text = str(row.get("text") or "").strip()
        if not text:
            raise CaseError(f"{path} 第 {number} 行：缺少 text")
        case = Case(text, _names(row, "gold"), _names(row, "also_ok"), number, outside)
        unknown = case.lenient - known
        if unknown:
            raise CaseError(f"{path} 第 {number} 行：语料里没有条目“{min(unknown)}”")
        cases.append(case)
    if not cases:
        raise CaseError(f"{path} 是空的：至少要有一个问题")
    return cases


def _names(row: dict[str, Any], field: str) -> frozenset[str]:
    return frozenset(str(name) for name in row.get(field) or [])


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CaseError(f"{path} 超过 {MAX_BYTES // 2**20} MB，请拆分")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CaseError(f"无法读取 {path}：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CaseError(f"{path} 不是 UTF-8 编码的文本（第 {error.start} 字节）") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CaseError(f"{path} 第 {number} 行不是有效的 JSON：{error}") from error
        if not isinstance(row, dict):
            raise CaseError(f"{path} 第 {number} 行应是一个 JSON 对象")
        yield number, row
