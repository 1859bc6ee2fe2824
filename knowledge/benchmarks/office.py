"""A base as large as wanted, for measuring pages: entries at every step, people, what waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.benchmarks.made import MadeBase
from knowledge.categories.models import Category
from knowledge.corrections.models import Correction
from knowledge.departments.models import Department
from knowledge.departments.service import department_named
from knowledge.entries.lifecycle import Step
from knowledge.entries.listing import rebuild
from knowledge.entries.models import Entry, EntryVersion, Phrasing, VersionAuthor
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.people.actor import Role, system
from knowledge.people.models import Grant, User

PHRASINGS = 5  # of an entry, besides its standard question
BUREAUS, PEOPLE, CORRECTIONS, GAPS = 40, 300, 400, 600
VERSIONS = 12  # of the entry whose versions are listed
ANSWER = (
    "{question}\n\n1. 请带本人身份证原件到{place}便民服务中心综合窗口办理，也可以在网上提交。\n"
    "2. 材料齐全的当场受理，三个工作日内办结，办好后短信通知；材料不齐的一次告知要补的材料。\n"
    "3. 老年人、残疾人不方便出门的，可以打 12345 预约上门帮办。\n\n"
    "窗口工作时间：周一至周五上午 8:30–12:00，下午 14:30–17:30，周末可预约。第 {at} 号。"
)
STEPS = (Step.WRITING, Step.RETURNED, Step.DEPARTMENT, Step.HOTLINE, Step.SCHEDULED)


def fill(session: Session, size: int, real: Sequence[str]) -> None:
    """Add `size` entries with five phrasings each, made of the `real` questions."""
    departments = _departments(session)
    users = _people(session, departments)
    made = _Made(session, size, real, departments, users)
    for start in range(0, size, 2_000):
        made.add(range(start, min(start + 2_000, size)))
    made.add_versions()
    _corrections(session, made.first, min(CORRECTIONS, size))
    _gaps(session, real[:GAPS], departments)
    session.flush()
    rebuild(session)


class _Made:
    """Rows of entries and versions; ids go on from those that are there."""

    def __init__(
        self,
        session: Session,
        size: int,
        real: Sequence[str],
        departments: list[int],
        users: list[int],
    ) -> None:
        self._session, self._departments, self._users = session, departments, users
        self._texts = MadeBase(real, size * (PHRASINGS + 1))
        self._leaves = _leaves(session)
        self._instant = clock.now()
        self.first = (session.scalar(select(func.max(Entry.id))) or 0) + 1
        self._version = (session.scalar(select(func.max(EntryVersion.id))) or 0) + 1

    def add(self, numbers: range) -> None:
        """Add the entries with these numbers; each fiftieth stands elsewhere on its way."""
        entries, versions, phrasings, authors = [], [], [], []
        for at in numbers:
            step = STEPS[at // 20 % len(STEPS)] if at % 20 == 0 else None
            served = at % 40 != 0 and at % 50 != 7
            entry = self._entry(at)
            for number, serves in enumerate(self._standing(served, step), 1):
                version = self._version_row(at, number, serves, step)
                versions.append(version)
                entry["published_version_id" if serves else "draft_version_id"] = version["id"]
                phrasings += self._phrasings(at, version["id"])
                if not serves:
                    user = self._users[at % len(self._users)]
                    authors.append({"version_id": version["id"], "user_id": user})
            entries.append(entry)
            record(self._session, system("测速"), "entry_created", f"entry:{entry['id']}",
                   after={"standard_question": versions[-1]["standard_question"]})  # fmt: skip
        self._insert(entries, versions, phrasings, authors)

    def add_versions(self) -> None:
        """Let the first entry have a past."""
        versions = []
        for number in range(10, 10 + VERSIONS):
            row = self._version_row(1, number, True, None)
            versions.append(row | {"retired_at": self._instant})
        self._session.execute(insert(EntryVersion), versions)

    def _standing(self, served: bool, step: Step | None) -> list[bool]:
        """Which versions an entry has: whether each serves."""
        return [True] * served + [False] * (step is not None or not served)

    def _entry(self, at: int) -> dict[str, Any]:
        changed = self._instant - timedelta(minutes=at)
        return {
            "id": self.first + at,
            "code": f"made-{at}",
            "department_id": self._departments[at % len(self._departments)],
            "published_version_id": None,
            "draft_version_id": None,
            "featured": False,
            "lock_version": 1,
            "created_at": changed,
            "updated_at": changed,
            "withdrawn_at": changed if at % 50 == 7 else None,
            "archived_at": changed if at % 100 == 7 else None,
            "reviewed_at": changed - timedelta(days=at % 500),
        }

    def _version_row(self, at: int, number: int, serves: bool, step: Step | None) -> dict[str, Any]:
        self._version += 1
        question = self._texts.text(at * (PHRASINGS + 1))
        where = self._texts.text(at)[:4]
        pending = None if serves else (step or Step.WRITING).value
        return {
            "id": self._version - 1,
            "entry_id": self.first + at,
            "number": number,
            "standard_question": question,
            "answer": ANSWER.format(question=question, place=where, at=at),
            "spoken_answer": f"{question}请带身份证到窗口办理。",
            "issuing_body": "区行政审批管理局",
            "legal_basis": f"厦海审管〔2022〕{at % 90 + 1}号",
            "category_id": self._leaves[at % len(self._leaves)],
            "region": "厦门市海沧区",
            "audience": ["个人"],
            "valid_from": None,
            "valid_until": clock.today() + timedelta(days=at % 900 - 30) if at % 3 == 0 else None,
            "author_name": "测速",
            "created_at": self._instant,
            "step": pending,
            "step_since": None if serves else self._instant,
            "step_due": self._due(at, pending),
            "notice": "请补充依据" if pending == Step.RETURNED.value else "",
            "published_at": self._instant if serves else None,
            "emergency": False,
            "publish_at": self._instant + timedelta(days=9) if pending == "scheduled" else None,
        }  # fmt: skip

    def _due(self, at: int, pending: str | None) -> datetime | None:
        waits = pending in {Step.DEPARTMENT.value, Step.HOTLINE.value}
        return self._instant + timedelta(days=at % 5 - 2) if waits else None

    def _phrasings(self, at: int, version_id: int) -> list[dict[str, Any]]:
        first = at * (PHRASINGS + 1) + 1
        return [
            {
                "version_id": version_id,
                "position": position,
                "negative": False,
                "text": self._texts.text(first + position),
            }
            for position in range(PHRASINGS)
        ]

    def _insert(self, entries: list[Any], versions: list[Any], *more: list[Any]) -> None:
        """Entries name versions and versions entries: first one, then the other, then the names."""
        named = ("published_version_id", "draft_version_id")
        bare = [row | dict.fromkeys(named) for row in entries]
        self._session.execute(insert(Entry), bare)
        self._session.execute(insert(EntryVersion), versions)
        self._session.connection().execute(
            update(Entry)
            .where(Entry.id == bindparam("entry"))
            .values(**{name: bindparam(f"new_{name}") for name in named}),
            [{"entry": row["id"], **{f"new_{n}": row[n] for n in named}} for row in entries],
        )
        for model, rows in zip((Phrasing, VersionAuthor), more, strict=True):
            if rows:
                self._session.execute(insert(model), rows)


def _departments(session: Session) -> list[int]:
    """Add bureaus; returns their ids, those that people sign in for first."""
    known = [department_named(session, code).id for code in ("approval", "industry")]
    rows = [
        {"code": f"made-{at}", "name": f"测速第{at}局", "kind": "bureau", "position": 100 + at,
         "active": True, "lock_version": 1}
        for at in range(BUREAUS)
    ]  # fmt: skip
    added = session.scalars(insert(Department).returning(Department.id), rows).all()
    return [*known, *added]


def _people(session: Session, departments: list[int]) -> list[int]:
    """Add accounts that nobody can sign in with; returns the ids of all accounts."""
    rows = [
        {"username": f"made-{at}", "display_name": f"测速{at}", "password_hash": "!",
         "department_id": departments[at % len(departments)], "active": True,
         "must_change_password": False, "lock_version": 1, "created_at": clock.now()}
        for at in range(PEOPLE)
    ]  # fmt: skip
    known = session.scalars(select(User.id)).all()
    added = session.scalars(insert(User).returning(User.id), rows).all()
    grants = [
        {"user_id": user, "role": Role.EDITOR.value, "department_id": row["department_id"],
         "category_id": None}
        for user, row in zip(added, rows, strict=True)
    ]  # fmt: skip
    session.execute(insert(Grant), grants)
    return [*known, *added]


def _corrections(session: Session, first: int, count: int) -> None:
    instant = clock.now()
    of = dict(
        session.execute(
            select(Entry.id, Entry.published_version_id).where(
                Entry.id.between(first, first + count), Entry.published_version_id.is_not(None)
            )
        ).all()
    )
    rows = [
        {"entry_id": entry, "version_id": version, "kind": "wrong", "text": "电话不对",
         "state": "open", "reporter_name": "市民", "open_for": f"made:{entry}", "reason": "",
         "created_at": instant, "due_at": instant + timedelta(days=entry % 7 - 2)}
        for entry, version in of.items()
    ]  # fmt: skip
    session.execute(insert(Correction), rows)


def _gaps(session: Session, questions: Sequence[str], departments: list[int]) -> None:
    instant = clock.now()
    gaps = [
        {"title": question, "status": "open", "created_at": instant, "suggested_for": "",
         "department_id": departments[at % len(departments)] if at % 2 else None, "reason": "",
         "decided_by": "", "answered": 0, "checked": 0, "checked_revision": -1, "lock_version": 1}
        for at, question in enumerate(questions)
    ]  # fmt: skip
    ids = session.scalars(insert(Gap).returning(Gap.id), gaps).all()
    rows = [
        {"gap_id": gap, "at": instant - timedelta(days=at), "channel": "web", "text": question,
         "reason": "no_answer", "asker": None, "source": "made", "source_id": gap * 10 + at}
        for gap, question in zip(ids, questions, strict=True)
        for at in range(4)
    ]  # fmt: skip
    session.execute(insert(GapQuestion), rows)


def _leaves(session: Session) -> list[int]:
    inner = select(Category.parent_id).where(Category.parent_id.is_not(None))
    return list(session.scalars(select(Category.id).where(Category.id.not_in(inner))))
