"""Import in bulk: thousands of rows, and a file that another system wrote."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from knowledge.database import Database
from knowledge.entries.listing import behind, rebuild
from knowledge.entries.lists import Filter, State, codes, count
from knowledge.entries.models import EntryListing, EntryText
from knowledge.entries.service import entry_coded
from knowledge.exchange.service import apply
from tests.knowledge.sheets import ACTOR, counts, csv_file, founded, put, row, told, traces
from tests.places import evaluation_data


@pytest.fixture
def base(database: Database) -> Database:
    return founded(database)


def test_five_thousand_rows(base: Database, tmp_path: Path) -> None:
    rows = [
        row(f"第{n}号事项怎么办？", 编号=f"n-{n}", 相似问=f"{n}号怎么办\n办{n}号")
        for n in range(5000)
    ]
    path = csv_file(tmp_path / "a.csv", *rows)
    seen: list[tuple[int, int]] = []
    with questions(base) as sent:
        report = apply(base, ACTOR, path, lambda done, total: seen.append((done, total)))
    assert counts(report) == (5000, 0, 0)
    assert seen[-1] == (5000, 5000)
    assert len(sent) < 200  # it asks nothing row by row: others wait for the lock meanwhile
    before = traces(base)
    assert counts(put(base, path)) == (0, 0, 5000)
    assert traces(base) == before
    with base.read() as session:
        assert (count(session, Filter(state=State.LIVE)), behind(session)) == (5000, 0)
        assert codes(session, Filter(text="办4711号"), 9) == ["n-4711"]
    path = csv_file(tmp_path / "b.csv", *[one | {"答案": "新的答案。"} for one in rows])
    with questions(base) as sent:
        report = apply(base, ACTOR, path)
    assert counts(report) == (0, 5000, 0)
    assert len(sent) < 400
    with base.read() as session:
        assert (count(session, Filter(text="新的答案")), behind(session)) == (5000, 0)


def test_the_list_holds_what_was_imported_as_if_it_had_been_typed(
    base: Database, tmp_path: Path
) -> None:
    def said(**wanted: Any) -> list[str]:
        with base.read() as session:
            assert behind(session) == 0
            return sorted(codes(session, Filter(**wanted), 9))

    rows = [
        row("问一？", 编号="a", 相似问="甲怎么问", 状态="发布"),
        row("问二？", 编号="b", 状态="草稿"),
    ]
    put(base, csv_file(tmp_path / "a.csv", *rows))
    assert said() == ["a", "b"]
    assert said(text="甲怎么") == said(state=State.LIVE) == ["a"]
    assert said(state=State.DRAFT) == ["b"]
    changed = [rows[0] | {"相似问": "乙怎么问"}, rows[1] | {"标准问": "问三？"}]
    put(base, csv_file(tmp_path / "a.csv", *changed))
    assert (said(text="甲怎么"), said(text="乙怎么")) == ([], ["a"])
    assert (said(text="问二"), said(text="问三", state=State.DRAFT)) == ([], ["b"])
    with base.write() as session:
        listed = session.execute(select(EntryListing.__table__)).all()
        session.execute(update(EntryListing).values(served=False))
        session.execute(delete(EntryText).where(EntryText.entry_id == listed[1].entry_id))
        assert behind(session) == 2
        rebuild(session)
        assert session.execute(select(EntryListing.__table__)).all() == listed
        assert behind(session) == 0


@contextmanager
def questions(database: Database) -> Iterator[list[str]]:
    """Collect the SELECTs that are sent."""
    sent: list[str] = []

    def collect(*given: Any) -> None:
        if given[2].startswith("SELECT"):
            sent.append(given[2])

    event.listen(database.engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", collect)


def test_guides_of_another_system(base: Database, tmp_path: Path) -> None:
    path = evaluation_data() / "kb" / "guangdong_guides.jsonl"
    options = {"category": "政务服务", "create_departments": True, "create_categories": True}
    lines = path.read_text(encoding="utf-8").splitlines()
    doubled = {wrong.row for wrong in put(base, path, **options).wrong}
    assert len(doubled) < 5  # province and city ask the same, but for brackets
    kept = [line for number, line in enumerate(lines, start=1) if number not in doubled]
    (tmp_path / "a.jsonl").write_text("\n".join(kept), encoding="utf-8")
    report = put(base, tmp_path / "a.jsonl", **options)
    assert told(report) == []
    assert counts(report) == (len(kept), 0, 0)
    first = json.loads(kept[0])
    with base.read() as session:
        version = entry_coded(session, first["id"]).published
        assert version is not None
        assert version.standard_question == first["standard_question"]
        assert version.region == first["area"]
