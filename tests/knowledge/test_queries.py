"""Questions are logged without who asked; the most asked come first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from embeddings.index import Decision
from knowledge import clock
from knowledge.categories.service import add_category
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.entries.content import EntryContent
from knowledge.entries.service import create, entry_coded, publish, withdraw
from knowledge.people.actor import system
from knowledge.queries.models import Query
from knowledge.queries.service import log_query, most_asked
from knowledge.search.result import SearchHit, SearchResult

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """Four published entries; editors marked `d` as frequent."""
    with database.write() as session:
        owner = add_department(session, code="o", name="部门")
        leaf = add_category(session, code="c", name="分类")
        made = {}
        for code in "abcd":
            content = EntryContent(f"{code}怎么办？", "这样办。", leaf.id)
            entry = create(session, system(), owner.id, content, code=code, featured=code == "d")
            publish(session, system(), entry, entry.lock_version)
            made[code] = entry.id
    return made


def asked(
    database: Database, entry_id: int | None, times: int, decision: Decision = Decision.ANSWER
) -> None:
    hits = () if entry_id is None else (SearchHit(entry_id, "x", "问", "问", 0.9),)
    with database.write() as session:
        for _ in range(times):
            log_query(session, "web", "怎么办", SearchResult("怎么办", decision, hits, 3.2))


def top(database: Database, limit: int = 4) -> list[int]:
    with database.read() as session:
        return most_asked(session, limit)


def test_a_question_is_kept_with_its_outcome(database: Database, ids: dict[str, int]) -> None:
    with clock.frozen(lambda: NOW):
        asked(database, ids["a"], 1)
        asked(database, None, 1, Decision.NO_ANSWER)
    with database.read() as session:
        found = session.scalars(select(Query).order_by(Query.id)).all()
    assert [(one.decision, one.entry_id, one.score, one.at) for one in found] == [
        ("answer", ids["a"], 0.9, NOW),
        ("no_answer", None, None, NOW),
    ]
    columns = set(Query.__table__.columns.keys())
    assert columns == {"id", "at", "channel", "text", "decision", "entry_id", "score", "took_ms"}


def test_the_most_asked_come_first_and_marked_ones_fill_up(
    database: Database, ids: dict[str, int]
) -> None:
    assert top(database) == [ids["d"]]
    asked(database, ids["a"], 3)
    asked(database, ids["b"], 5)
    asked(database, ids["c"], 2)  # twice is no habit
    assert top(database) == [ids["b"], ids["a"], ids["d"]]
    assert top(database, 2) == [ids["b"], ids["a"]]
    asked(database, ids["d"], 9)
    assert top(database) == [ids["d"], ids["b"], ids["a"]]


def test_only_answers_count(database: Database, ids: dict[str, int]) -> None:
    asked(database, ids["a"], 9, Decision.CLARIFY)
    asked(database, None, 9, Decision.NO_ANSWER)
    assert top(database) == [ids["d"]]


def test_what_was_asked_long_ago_is_forgotten(database: Database, ids: dict[str, int]) -> None:
    with clock.frozen(lambda: NOW - timedelta(days=31)):
        asked(database, ids["a"], 9)
    with clock.frozen(lambda: NOW - timedelta(days=29)):
        asked(database, ids["b"], 3)
    with clock.frozen(lambda: NOW):
        assert top(database) == [ids["b"], ids["d"]]


def test_a_withdrawn_entry_is_not_offered(database: Database, ids: dict[str, int]) -> None:
    asked(database, ids["a"], 9)
    with database.write() as session:
        for code in ("a", "d"):
            entry = entry_coded(session, code)
            withdraw(session, system(), entry, entry.lock_version, "过时")
    assert top(database) == []
