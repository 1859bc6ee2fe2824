"""Compares rows with the base: what is new, changed, unchanged or wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from knowledge.categories.service import leaf_named
from knowledge.departments.service import department_named
from knowledge.entries.content import AUDIENCES, EntryContent, checked, phrasing_key
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.service import content_of
from knowledge.errors import ContentError, NotFoundError
from knowledge.exchange import columns as c
from knowledge.exchange.reading import Row

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
_FIELDS = {
    "standard_question": c.QUESTION, "answer": c.ANSWER, "spoken_answer": c.SPOKEN,
    "similar_questions": c.SIMILAR, "negative_questions": c.NEGATIVE, "issuing_body": c.ISSUER,
    "legal_basis": c.BASIS, "region": c.REGION, "audience": c.AUDIENCE, "valid_until": c.UNTIL,
}  # fmt: skip


class Change(StrEnum):
    """What a row would do."""

    NEW = "新增"
    CHANGED = "修改"
    UNCHANGED = "未变"


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be taken, why, and how to mend it."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Planned:
    """A row that can be taken."""

    row: int
    change: Change
    code: str | None
    department_id: int
    content: EntryContent
    publish: bool
    entry_id: int | None = None


@dataclass
class Plan:
    """All rows, judged."""

    planned: list[Planned] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def count(self, change: Change) -> int:
        """Return how many rows would do this."""
        return sum(one.change is change for one in self.planned)


class Planner:
    """Judges rows against one state of the base."""

    def __init__(self, session: Session, defaults: Mapping[str, str]) -> None:
        self._session = session
        self._defaults = defaults
        self._departments: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        entries = session.scalars(
            select(Entry).options(
                selectinload(Entry.published).selectinload(EntryVersion.phrasings),
                selectinload(Entry.draft).selectinload(EntryVersion.phrasings),
            )
        ).all()
        self._by_code = {entry.code: entry for entry in entries}
        self._by_question = {
            phrasing_key(version.standard_question): entry
            for entry in entries
            for version in (entry.draft, entry.published)
            if version is not None
        }

    def plan(self, rows: Sequence[Row]) -> Plan:
        """Judge every row; a wrong one does not hide the next."""
        plan = Plan()
        seen: dict[str, int] = {}
        for row in rows:
            problems = self._judge(row, seen, plan)
            plan.wrong += [Wrong(row.number, column, why) for column, why in problems.items()]
        return plan

    def _judge(self, row: Row, seen: dict[str, int], plan: Plan) -> dict[str, str]:
        cells = {**self._defaults, **{k: v for k, v in row.cells.items() if v.strip()}}
        problems = dict.fromkeys(row.formulas, "这一格是公式，请改成文字（选择性粘贴为“值”）")
        content = self._content(cells, problems)
        department = self._look_up(self._departments, c.DEPARTMENT, cells, problems)
        key = phrasing_key(content.standard_question)
        if key and key in seen:
            problems.setdefault(c.QUESTION, f"与第 {seen[key]} 行的标准问重复，请合并或改写")
        seen.setdefault(key, row.number)
        entry = self._existing(cells.get(c.CODE, "").strip(), key, department, problems)
        state = cells.get(c.STATE, c.PUBLISHED).strip()
        if state not in {c.PUBLISHED, c.DRAFT}:
            problems[c.STATE] = "只能填“发布”或“草稿”"
        try:
            content = checked(content)
        except ContentError as error:
            for name, why in error.problems.items():
                problems.setdefault(_FIELDS.get(name, name), why)
        if not problems:
            publish = state == c.PUBLISHED
            change = _change(entry, content, publish)
            code = cells.get(c.CODE, "").strip() or None
            number = entry.id if entry else None
            plan.planned.append(
                Planned(row.number, change, code, department, content, publish, number)
            )
        return problems

    def _content(self, cells: Mapping[str, str], problems: dict[str, str]) -> EntryContent:
        listed = re.split(r"[、,，/\s]+", cells.get(c.AUDIENCE, "").strip())
        audience = tuple(name for name in listed if name) or AUDIENCES
        return EntryContent(
            standard_question=cells.get(c.QUESTION, ""),
            answer=cells.get(c.ANSWER, ""),
            category_id=self._look_up(self._categories, c.CATEGORY, cells, problems),
            similar_questions=tuple(cells.get(c.SIMILAR, "").splitlines()),
            negative_questions=tuple(cells.get(c.NEGATIVE, "").splitlines()),
            spoken_answer=cells.get(c.SPOKEN, ""),
            issuing_body=cells.get(c.ISSUER, ""),
            legal_basis=cells.get(c.BASIS, ""),
            region=cells.get(c.REGION, ""),
            audience=tuple(name for name in AUDIENCES if name in audience) or audience,
            valid_from=_day(cells, c.FROM, problems),
            valid_until=_day(cells, c.UNTIL, problems),
        )

    def _look_up(
        self,
        known: dict[str, int],
        column: str,
        cells: Mapping[str, str],
        problems: dict[str, str],
    ) -> int:
        """Return the id of a department or category, 0 with a problem noted."""
        name = cells.get(column, "").strip()
        if not name:
            problems[column] = f"请填写{column}"
            return 0
        if name not in known:
            try:
                if column == c.DEPARTMENT:
                    known[name] = department_named(self._session, name).id
                else:
                    known[name] = leaf_named(self._session, name)
            except NotFoundError as error:
                problems[column] = str(error)
                return 0
        return known[name]

    def _existing(
        self, code: str, key: str, department: int, problems: dict[str, str]
    ) -> Entry | None:
        same = self._by_question.get(key)
        entry = self._by_code.get(code) if code else same
        if same is not None and entry is not same:
            problems.setdefault(
                c.QUESTION, f"与已有条目 {same.code} 的标准问重复，请改写或用它的编号"
            )
        if entry is not None and department and entry.department_id != department:
            problems.setdefault(c.DEPARTMENT, f"条目 {entry.code} 属于另一个部门，不能改到这个部门")
        return entry


def _change(entry: Entry | None, content: EntryContent, publish: bool) -> Change:
    if entry is None:
        return Change.NEW
    served = entry.published if publish else (entry.draft or entry.published)
    pending = publish and entry.draft is not None
    if served is not None and not pending and content_of(served) == content:
        return Change.UNCHANGED
    return Change.CHANGED


def _day(cells: Mapping[str, str], column: str, problems: dict[str, str]) -> date | None:
    text = cells.get(column, "").strip()
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    problems[column] = f"“{text[:20]}”不是日期，请按 2026-03-01 的格式填写"
    return None
