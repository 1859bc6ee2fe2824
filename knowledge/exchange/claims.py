"""Finds rows that would make an entry or a question come twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from knowledge.entries.content import phrasing_key
from knowledge.exchange.columns import BY_NAME
from knowledge.exchange.errors import CellError
from knowledge.exchange.holdings import Holding, Holdings
from knowledge.exchange.sheet import Wrong

CODE = BY_NAME["code"].title
QUESTION = BY_NAME["standard_question"].title
MEND = "请合并，或改写其中一个"


@dataclass(frozen=True)
class Claim:
    """A row that asks for a code and a question; `holding` is the entry it would change."""

    row: int
    code: str
    question: str
    department_id: int
    holding: Holding | None = None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the key by which questions are compared."""
        object.__setattr__(self, "key", phrasing_key(self.question))

    @property
    def keeps_question(self) -> bool:
        """The entry asks this question already: the row makes nothing double."""
        return self.holding is not None and self.key in self.holding.keys


def matched(claim: Claim, holdings: Holdings) -> Holding | None:
    """Return the entry that a row means: by its code, else by question and department.

    Raises:
        CellError: without a code, several entries could be meant.
    """
    if claim.code:
        return holdings.by_code.get(claim.code)
    found = holdings.asking(claim.key, claim.department_id)
    if len(found) > 1:
        codes = "、".join(holding.code for holding in found[:5])
        raise CellError(f"有几个条目都用（编号 {codes}）", "请填写编号，说明是哪一条")
    return found[0] if found else None


def doubles(
    claims: Iterable[Claim], holdings: Holdings, department_name: Callable[[int], str]
) -> list[Wrong]:
    """Return the rows whose code, entry or question comes twice.

    A base may hold two entries with one question: rows that leave them so are right.
    """
    # Rows that keep their question come first: it is the newcomer that is wrong.
    ordered = sorted(claims, key=lambda claim: not claim.keeps_question)
    touched = {claim.holding.entry_id for claim in ordered if claim.holding}
    wrong: list[Wrong] = []
    codes: dict[str, int] = {}
    entries: dict[int, int] = {}
    questions: dict[str, int] = {}
    for claim in ordered:
        error = _same_entry(claim, codes, entries)
        column = CODE if error and claim.code else QUESTION
        if error is None and not claim.keeps_question:
            error = _same_question(claim, questions, touched, holdings, department_name)
        if error is not None:
            wrong.append(Wrong.at(claim.row, column, error))
        if claim.code:
            codes.setdefault(claim.code, claim.row)
        if claim.holding:
            entries.setdefault(claim.holding.entry_id, claim.row)
        questions.setdefault(claim.key, claim.row)
    return wrong


def _same_entry(claim: Claim, codes: dict[str, int], entries: dict[int, int]) -> CellError | None:
    if claim.code in codes:
        return CellError(f"与第 {codes[claim.code]} 行相同", "请留下一行，或改写编号")
    if claim.holding and claim.holding.entry_id in entries:
        row = entries[claim.holding.entry_id]
        return CellError(f"与第 {row} 行是同一条目（编号 {claim.holding.code}）", "请只留一行")
    return None


def _same_question(
    claim: Claim,
    questions: dict[str, int],
    touched: set[int],
    holdings: Holdings,
    department_name: Callable[[int], str],
) -> CellError | None:
    if claim.key in questions:
        return CellError(f"是重复的标准问（第 {questions[claim.key]} 行已有）", MEND)
    for holding in holdings.by_key.get(claim.key, []):
        if holding.entry_id not in touched:
            owner = department_name(holding.department_id)
            return CellError(f"是重复的标准问（“{owner}”的条目 {holding.code} 已有）", MEND)
    return None
