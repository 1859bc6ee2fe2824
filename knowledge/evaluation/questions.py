"""Reads questions with the entries expected, as departments write them: xlsx, csv or jsonl."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from knowledge.entries.content import phrasing_key
from knowledge.evaluation.cases import Case, CaseError
from knowledge.evaluation.naming import Names
from knowledge.exchange import bounds, cells
from knowledge.exchange.errors import CellError
from knowledge.exchange.reading import kind_of
from knowledge.exchange.sheet import Wrong
from knowledge.exchange.text_file import csv_lines, jsonl_objects
from knowledge.exchange.xlsx_file import lines as xlsx_lines
from knowledge.privacy.redaction import redact

ROWS = 5_000
CHARACTERS = 500
TOLD = 20

TITLES = {"text": "问题", "gold": "应命中", "also_ok": "也可以"}
EXPLAINED = "应命中（编号或标准问，多个用换行或；分开）"
_ALIASES = {"question": "text", "query": "text", "expected": "gold"}
_COLUMNS = (
    _ALIASES | {name: name for name in TITLES} | {told: name for name, told in TITLES.items()}
)

Row = tuple[int, dict[str, Any]]


class QuestionsError(CaseError):
    """A file of questions cannot be used; `problems` are its rows that are wrong."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([message, *problems]))
        self.message = message
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Questions:
    """A file's questions in its order; `notices` are for the person who gave it."""

    cases: tuple[Case, ...]
    notices: tuple[str, ...] = ()


def read_questions(path: Path, names: Names, *, outside: bool = False) -> Questions:
    """Read a file whose columns are 问题, 应命中, 也可以; no entry expected means out of scope.

    Personal data is replaced, as it is before a citizen's question is searched.

    Args:
        outside: the file holds questions out of scope only; its column 应命中 may be missing.

    Raises:
        ExchangeError: of another kind, damaged, too large, a zip bomb.
        QuestionsError: names each row that is wrong, or what the file lacks.
    """
    notices: list[str] = []
    cases: list[Case] = []
    wrong: list[Wrong] = []
    for number, row in _rows(path, notices, outside):
        if len(cases) + len(wrong) >= ROWS:
            raise QuestionsError(f"{path.name} 超过 {ROWS} 个问题，请拆成几个文件")
        found = _case(number, row, names, outside)
        if isinstance(found, Wrong):
            wrong.append(found)
        else:
            cases.append(found)
    if wrong:
        told = [str(one) for one in wrong[:TOLD]]
        if len(wrong) > TOLD:
            told.append(f"……还有 {len(wrong) - TOLD} 行")
        raise QuestionsError(f"{path.name} 有 {len(wrong)} 行不对，没有开始评测：", told)
    if not cases:
        raise QuestionsError(f"{path.name} 里没有任何问题：第一行写列名，从第二行起一行一个问题")
    return Questions(tuple(cases), tuple(notices))


def _case(number: int, row: Mapping[str, Any], names: Names, outside: bool) -> Case | Wrong:
    column = "text"
    try:
        text = _question(row.get("text"))
        column = "gold"
        gold = names.meant(row.get("gold"))
        if gold and outside:
            raise CellError("在答不了的问题里应是空的", "请清空，或放到另一个文件里")
        column = "also_ok"
        also_ok = names.meant(row.get("also_ok"))
        if also_ok and not gold:
            raise CellError("填了，“应命中”却是空的", "请把条目填到“应命中”，或清空这一格")
    except CellError as error:
        return Wrong.at(number, TITLES[column], error)
    return Case(text, gold, also_ok - gold, number, outside=not gold)


def _question(raw: Any) -> str:
    text = redact(" ".join(cells.text(raw).split())).text
    if not phrasing_key(text):
        raise CellError("是空的，或只有符号", "请填写问题，或删去这一行")
    if len(text) > CHARACTERS:
        raise CellError(f"有 {len(text)} 个字，最多 {CHARACTERS} 个", "请缩短")
    return text


def _rows(path: Path, notices: list[str], outside: bool) -> Iterator[Row]:
    kind = kind_of(path)
    bounds.require_size(path)
    if kind == ".jsonl":
        for number, pairs in jsonl_objects(path):
            yield number, _named(path.name, pairs)
    elif kind == ".csv":
        yield from _table(path.name, csv_lines(path), notices, outside)
    else:
        with closing(xlsx_lines(path, notices)) as lines:
            yield from _table(path.name, lines, notices, outside)


def _table(
    file: str, lines: Iterable[tuple[int, Sequence[Any]]], notices: list[str], outside: bool
) -> Iterator[Row]:
    """Take the first row that is not empty as the header."""
    filled = ((number, row) for number, row in lines if any(not _blank(cell) for cell in row))
    _, header = next(filled, (0, ()))
    if len(header) > bounds.COLUMNS:
        raise QuestionsError(f"{file} 超过 {bounds.COLUMNS} 列，请删去不需要的列")
    labels = ["" if _blank(cell) else str(cell).strip() for cell in header]
    found = [_column(label) for label in labels]
    _require_columns(file, found, outside)
    unused = [label for label, name in zip(labels, found, strict=True) if label and not name]
    if unused:
        notices.append(f"没有用到这些列：{'、'.join(label[:32] for label in unused[:10])}")
    for number, row in filled:
        named = {name: cell for name, cell in zip_longest(found, row) if name}
        if any(not _blank(cell) for cell in named.values()):
            yield number, named


def _require_columns(file: str, found: Sequence[str | None], outside: bool) -> None:
    wanted = ("text",) if outside else ("text", "gold")
    missing = [TITLES[name] for name in wanted if name not in found]
    if missing:
        raise QuestionsError(
            f"{file} 缺少列：{'、'.join(f'“{title}”' for title in missing)}；"
            f"第一行应是列名：{'、'.join(TITLES.values())}（知识库答不了的问题，“应命中”留空）"
        )
    doubled = [title for name, title in TITLES.items() if found.count(name) > 1]
    if doubled:
        raise QuestionsError(f"{file} 里列“{doubled[0]}”出现了两次，请只留一列")


def _named(file: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for label, value in pairs:
        name = _column(label)
        if name and name in found:
            raise QuestionsError(f"{file} 里同一行的“{TITLES[name]}”出现了两次，请只留一个")
        if name:
            found[name] = value
    return found


def _column(label: str) -> str | None:
    """Return the column that a header means; what it explains in brackets is passed over."""
    short = label.replace("（", "(").split("(")[0]
    return _COLUMNS.get(short.strip("\ufeff\u200b*＊ \t\r\n\u3000").casefold())


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
