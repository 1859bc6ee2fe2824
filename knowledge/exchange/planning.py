"""Compares the rows of a file with the base."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from knowledge.entries.models import Entry
from knowledge.errors import ContentError
from knowledge.exchange import cells
from knowledge.exchange.claims import Claim, doubles, matched
from knowledge.exchange.columns import BY_NAME, OBLIGATORY
from knowledge.exchange.errors import CellError
from knowledge.exchange.holdings import Holdings, entries
from knowledge.exchange.merging import existing_step, for_person, new_step
from knowledge.exchange.places import Places
from knowledge.exchange.plan import Plan, Step
from knowledge.exchange.reading import Watch, watched
from knowledge.exchange.rights import forbidden
from knowledge.exchange.sheet import Row, Sheet, Wrong
from knowledge.people.actor import Actor, system

_CODE = re.compile(r"\w[\w.:\-]{0,63}")
_CONTENT: dict[str, Callable[[Any], Any]] = {
    "standard_question": cells.text,
    "similar_questions": cells.lines,
    "negative_questions": cells.lines,
    "answer": cells.text,
    "spoken_answer": cells.text,
    "issuing_body": cells.text,
    "legal_basis": cells.text,
    "region": cells.text,
    "audience": cells.audience,
    "valid_from": cells.day,
    "valid_until": cells.day,
    "materials": cells.lines,
    "steps": cells.lines,
    "fees": cells.text,
    "time_limit": cells.text,
    "places": cells.lines,
    "keywords": cells.lines,
}


@dataclass(frozen=True)
class Wanted:
    """What a row asks for; `fields` are those of the content that its cells name."""

    claim: Claim
    fields: dict[str, Any]
    publishes: bool
    featured: bool | None


def plan(
    session: Session,
    sheet: Sheet,
    actor: Actor | None = None,
    watch: Watch | None = None,
    *,
    submits: bool = False,
) -> Plan:
    """Judge every row of `sheet` against the base; nothing is written.

    A column that the file lacks leaves an entry as it is; an empty cell empties it.

    Args:
        actor: who imports (the system where nobody is named).
        watch: called now and then with how many rows were compared.
        submits: the rows that want to be served are to be submitted to the review.
    """
    planner = _Planner(session, actor or system(), submits)
    wanted = [one for row in watched(sheet.rows, watch) if (one := planner.wanted(row)) is not None]
    claims = [one.claim for one in wanted]
    planner.wrong += doubles(claims, planner.holdings, planner.owner)
    touched = dict.fromkeys(claim.holding.entry_id for claim in claims if claim.holding)
    existing = entries(session, touched)
    steps = [planner.step(one, existing) for one in wanted]
    bad = {wrong.row for wrong in planner.wrong}
    return Plan(
        steps=tuple(step for step in steps if step is not None and step.row not in bad),
        wrong=tuple(sorted(planner.wrong, key=lambda wrong: wrong.row)),
    )


class _Planner:
    """Judges rows one by one, and collects what is wrong with them."""

    def __init__(self, session: Session, actor: Actor, submits: bool) -> None:
        self._actor, self._submits = actor, submits
        self.places = Places(session)
        self.holdings = Holdings(session)
        self.wrong: list[Wrong] = []
        self._converters = _CONTENT | {
            "code": _code,
            "department": lambda raw: self.places.department(cells.line(raw)),
            "category": lambda raw: self.places.category(cells.line(raw)),
            "state": cells.is_published,
            "featured": cells.flag,
        }

    def owner(self, department_id: int) -> str:
        """Return a department's name."""
        return self.places.department_names[department_id]

    def wanted(self, row: Row) -> Wanted | None:
        """Convert a row's cells, and find the entry it means; None if a cell is wrong."""
        values: dict[str, Any] = {}
        errors: list[tuple[str, CellError]] = []
        if row.surplus:
            errors.append(("整行", CellError("有格子不在任何一列下", "请补上列名或删去这些格子")))
        for name in dict.fromkeys([*row.cells, *(column.name for column in OBLIGATORY)]):
            try:
                values[name] = self._converted(name, row.cells.get(name))
            except CellError as error:
                errors.append((BY_NAME[name].title, error))
        self.wrong += [Wrong.at(row.number, title, error) for title, error in errors]
        if errors:
            return None
        claim = self._claim(row.number, values)
        if claim is None:
            return None
        fields = {name: values[name] for name in _CONTENT if name in values}
        fields["category_id"] = values["category"]
        return Wanted(claim, fields, values.get("state", True), values.get("featured"))

    def step(self, wanted: Wanted, existing: dict[int, Entry]) -> Step | None:
        """Check the content and decide what to do; None if a field is wrong."""
        claim, rest = wanted.claim, (wanted.fields, wanted.publishes, wanted.featured)
        try:
            entry = existing[claim.holding.entry_id] if claim.holding is not None else None
            if entry is not None:
                step = existing_step(claim.row, entry, *rest)
            else:
                step = new_step(claim.row, claim.code, claim.department_id, *rest)
            if self._actor.is_system:
                return step
            step = for_person(step, entry, submits=self._submits)
            return self._allowed(step, entry)
        except CellError as error:
            self.wrong.append(Wrong.at(claim.row, BY_NAME["state"].title, error))
        except ContentError as error:
            self.wrong += [
                _rule_broken(claim.row, name, told) for name, told in error.problems.items()
            ]
        return None

    def _allowed(self, step: Step, entry: Entry | None) -> Step | None:
        """Return the step, or None where the person may not take it."""
        wrong = forbidden(self._actor, step, entry)
        if wrong is None:
            return step
        self.wrong.append(wrong)
        return None

    def _converted(self, name: str, raw: Any) -> Any:
        """Return what a cell holds; an obligatory one must not be empty."""
        empty = raw is None or (isinstance(raw, str) and not raw.strip())
        if empty and BY_NAME[name].obligatory:
            raise CellError("是空的", "请填写（合并的单元格请先取消合并）")
        return self._converters[name](raw)

    def _claim(self, row: int, values: dict[str, Any]) -> Claim | None:
        """Return what the row asks for, with the entry that it means; None if that is wrong."""
        department = values["department"]
        claim = Claim(row, values.get("code", ""), values["standard_question"], department)
        try:
            holding = matched(claim, self.holdings)
        except CellError as error:
            self.wrong.append(Wrong.at(row, BY_NAME["standard_question"].title, error))
            return None
        if holding is not None and holding.department_id != department:
            owner = self.owner(holding.department_id)
            reason = f"与已有条目不同（编号 {holding.code} 属于“{owner}”）"
            mend = "导入不能改责任部门，请改回去，或换一个编号"
            self.wrong.append(Wrong(row, BY_NAME["department"].title, reason, mend))
            return None
        return replace(claim, holding=holding)


def _code(raw: Any) -> str:
    code = cells.line(raw)
    if code and not _CODE.fullmatch(code):
        raise CellError(
            f"填的“{code[:40]}”不能用", "请用 64 个以内的字母、数字、连字符，新条目可留空"
        )
    return code


def _rule_broken(row: int, name: str, told: str) -> Wrong:
    """Split a rule's message (“答案有 9000 个字，最多 8000 个，请缩短”) into reason and mend."""
    title = BY_NAME[name].title
    reason, _, mend = told.removeprefix(title).rpartition("，")
    return Wrong(row, title, reason, mend)
