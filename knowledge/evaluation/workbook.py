"""Reports as xlsx: figures on the first sheet, question by question on the second."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from knowledge.evaluation.account import Account, Difference
from knowledge.evaluation.comparison import Pair
from knowledge.evaluation.questions import EXPLAINED, TITLES
from knowledge.evaluation.result import DECISION_NAMES, VERDICT_NAMES, Result
from knowledge.evaluation.service import DEPTH
from knowledge.evaluation.wording import expected, lines, rank, verdicts
from knowledge.exchange.tables import table

_QUESTION = (("行", 6), ("问题", 40), ("应命中", 40))
_FOUND = (("排第一的条目", 40), ("编号", 18), ("概率", 9), ("应命中排第几", 14),
          ("系统的决定", 12), ("结论", 10))  # fmt: skip
_CHANGES = (("得失", 8), ("问题", 40), ("应命中", 40), ("之前", 10), ("之后", 10),
            ("之前排第一", 36), ("之后排第一", 36))  # fmt: skip


def write_account(path: Path, account: Account) -> None:
    """Write an evaluation's report; no text in it is a formula."""
    book = Workbook(write_only=True)
    figures: list[Sequence[Any]] = [[name, text] for name, text in account.facts]
    figures += [[one.name, one.text, one.meaning] for one in lines(account.metrics)]
    figures += [[one.name, one.text, one.meaning] for one in verdicts(account.results)]
    table(book, "指标", (("指标", 26), ("数值", 40), ("说明", 50)), figures)
    columns = (*_QUESTION, *_FOUND)
    table(book, "逐题结果", columns, map(_row, account.results), filtered=len(account.results))
    book.save(path)


def write_difference(path: Path, told: Difference) -> None:
    """Write a comparison's report; no text in it is a formula."""
    book = Workbook(write_only=True)
    figures: list[Sequence[Any]] = [[name, text] for name, text in told.facts]
    figures += [[one.name, one.before, one.after, one.difference] for one in told.figures]
    table(book, "指标", (("指标", 26), ("之前", 50), ("之后", 14), ("变化", 16)), figures)
    found = told.comparison
    rows = [_pair("变好", pair) for pair in found.won]
    rows += [_pair("变差", pair) for pair in found.lost]
    rows += [_pair("应命中改了", pair) for pair in found.altered]
    rows += [_single("只在之前", one, None) for one in found.only_before]
    rows += [_single("只在之后", None, one) for one in found.only_after]
    table(book, "得失", _CHANGES, rows, filtered=len(rows))
    book.save(path)


def write_template(path: Path) -> None:
    """Write an empty file of questions, to be filled in."""
    book = Workbook(write_only=True)
    columns = ((TITLES["text"], 44), (EXPLAINED, 44), (TITLES["also_ok"], 30))
    table(book, "问题", columns, [])
    book.save(path)


def _row(result: Result) -> list[Any]:
    first = result.first
    return [
        result.row, result.text, expected(result),
        first.question if first else "", first.code if first else "",
        result.probability, rank(result, DEPTH),
        DECISION_NAMES[result.decision], VERDICT_NAMES[result.verdict],
    ]  # fmt: skip


def _pair(kind: str, pair: Pair) -> list[Any]:
    return _single(kind, pair.before, pair.after)


def _single(kind: str, before: Result | None, after: Result | None) -> list[Any]:
    shown = after or before
    names = [VERDICT_NAMES[one.verdict] if one else "" for one in (before, after)]
    firsts = [str(one.first) if one and one.first else "" for one in (before, after)]
    return [kind, shown.text if shown else "", expected(shown) if shown else "", *names, *firsts]
