"""What an import writes in few statements is what the steps of an entry's life would write."""

from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.audit.models import AuditRecord
from knowledge.audit.verification import verify
from knowledge.database import Database
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError
from knowledge.exchange.carrying import carry_out
from knowledge.exchange.planning import plan
from knowledge.exchange.preparing import prepare
from knowledge.exchange.reading import read_rows
from knowledge.feed.service import changed_since, head
from tests.knowledge.sheets import ACTOR, counts, founded, put, row, xlsx


@pytest.fixture
def base(database: Database) -> Database:
    founded(database)
    put(
        database,
        xlsx(
            database_path(database) / "start.xlsx",
            row("在用的一问？", 编号="w-live", 状态="发布", 相似问="在用\n用着"),
            row("草稿的一问？", 编号="w-draft", 状态="草稿", 相似问="草稿一\n草稿二"),
        ),
    )
    return database


def database_path(database: Database) -> Path:
    return Path(str(database.url.database)).parent


def actions(base: Database, entry: Entry) -> list[str]:
    with base.read() as session:
        query = select(AuditRecord.action).where(AuditRecord.subject == f"entry:{entry.id}")
        return list(session.scalars(query.order_by(AuditRecord.id)))


def test_a_new_version_takes_the_place_of_the_one_in_service(
    base: Database, tmp_path: Path
) -> None:
    with base.read() as session:
        before = entry_coded(session, "w-live")
        revision = head(session).revision
    changed = row(
        "在用的一问？", 编号="w-live", 状态="发布", 相似问="新的问法", 答案="新的。", 常问="是"
    )
    assert counts(put(base, xlsx(tmp_path / "a.xlsx", changed))) == (0, 1, 0)
    with base.read() as session:
        after = entry_coded(session, "w-live")
        assert after.published is not None
        content = content_of(after.published)
        old = session.get_one(EntryVersion, before.published_version_id)
        assert old.retired_at == after.published.published_at == after.reviewed_at
        assert changed_since(session, revision) == [after.id]
        assert verify(session).sound
    assert (content.answer, content.similar_questions) == ("新的。", ("新的问法",))
    assert (after.published.number, after.draft_version_id, after.featured) == (2, None, True)
    assert after.lock_version > before.lock_version
    done = ["entry_created", "entry_published", "entry_featured", "draft_saved", "entry_published"]
    assert actions(base, after) == done


def test_a_draft_is_written_on_and_its_old_phrasings_go(base: Database, tmp_path: Path) -> None:
    with base.read() as session:
        before = entry_coded(session, "w-draft")
    changed = row("草稿的一问？", 编号="w-draft", 状态="草稿", 相似问="只剩一个", 答案="改了。")
    assert counts(put(base, xlsx(tmp_path / "a.xlsx", changed))) == (0, 1, 0)
    with base.read() as session:
        after = entry_coded(session, "w-draft")
        assert after.draft is not None
        content = content_of(after.draft)
        assert verify(session).sound
    assert (content.answer, content.similar_questions) == ("改了。", ("只剩一个",))
    assert (after.draft_version_id, after.draft.number) == (before.draft_version_id, 1)
    assert after.lock_version > before.lock_version
    assert actions(base, after) == ["entry_created", "draft_saved"]


def test_an_entry_that_changed_since_it_was_read_stops_everything(
    base: Database, tmp_path: Path
) -> None:
    rows = [
        row("草稿的一问？", 编号="w-draft", 状态="草稿", 答案="文件里的。"),
        row("新的一问？", 编号="w-new", 状态="草稿"),
    ]
    sheet = read_rows(xlsx(tmp_path / "a.xlsx", *rows))
    with base.read() as session:
        steps = plan(session, sheet).steps
        work = prepare(session, ACTOR, steps)
    put(base, xlsx(tmp_path / "b.xlsx", rows[0] | {"答案": "别人的。"}))
    with pytest.raises(ConflictError), base.write() as session:
        carry_out(session, ACTOR, work, len(steps))
    with base.read() as session:
        draft = entry_coded(session, "w-draft").draft
        assert draft is not None
        assert draft.answer == "别人的。"
        assert session.scalar(select(Entry.id).where(Entry.code == "w-new")) is None
