"""Two departments with a clerk each, for the tests of entries."""

from dataclasses import replace
from typing import Any

from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.cards import cards
from knowledge.entries.content import EntryContent
from knowledge.entries.lists import Filter, State, entries, state_of
from knowledge.entries.service import create, entry_coded, publish, save_draft, withdraw
from knowledge.people.actor import Actor, Role, system


class Office:
    """Two departments with a clerk each, and a leaf to file entries under."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as session:
            self.own = add_department(session, code="civil", name="民政局").id
            self.other = add_department(session, code="tax", name="税务局").id
            add_category(session, code="top", name="办事")
            self.leaf = add_category(session, code="leaf", name="老年人", parent="top").id
            self.inner = add_category(session, code="top", name="办事").id
        self.wang = Actor(1, "王采编", self.own, frozenset({Role.EDITOR}))
        self.li = Actor(2, "李采编", self.other, frozenset({Role.EDITOR}))
        self.zhao = Actor(3, "赵审核", self.own, frozenset({Role.REVIEWER}))
        self.qian = Actor(4, "钱审核", self.other, frozenset({Role.REVIEWER}))
        self.sun = Actor(5, "孙管理", self.other, frozenset({Role.MANAGER}))
        self.zhou = Actor(6, "周管理", None, frozenset({Role.MANAGER}))

    def content(self, **changed: Any) -> EntryContent:
        return replace(EntryContent("老年证怎么办？", "带身份证到窗口办。", self.leaf), **changed)

    def draft(self, code: str = "card", **changed: Any) -> None:
        with self.database.write() as session:
            create(session, self.wang, self.own, self.content(**changed), code=code)

    def publish(self, code: str = "card") -> int:
        with self.database.write() as session:
            entry = entry_coded(session, code)
            return publish(session, system(), entry, entry.lock_version)

    def save(self, code: str = "card", **changed: Any) -> None:
        with self.database.write() as session:
            entry = entry_coded(session, code)
            save_draft(session, self.wang, entry, self.content(**changed), entry.lock_version)

    def withdraw(self, code: str = "card", reason: str = "政策已废止") -> int:
        with self.database.write() as session:
            entry = entry_coded(session, code)
            return withdraw(session, self.wang, entry, entry.lock_version, reason)

    def served(self, code: str = "card") -> str | None:
        """Return the answer that citizens get."""
        with self.database.read() as session:
            entry = entry_coded(session, code)
            card = cards(session, [entry.id]).get(entry.id)
            return card.answer if card else None

    def state(self, code: str = "card") -> State:
        with self.database.read() as session:
            entry = entry_coded(session, code)
            return state_of(
                entry.published,
                entry.draft,
                entry.withdrawn_at is not None,
                entry.archived_at is not None,
            )

    def listed(self, **wanted: Any) -> list[str]:
        with self.database.read() as session:
            return sorted(row.code for row in entries(session, Filter(**wanted)).rows)
