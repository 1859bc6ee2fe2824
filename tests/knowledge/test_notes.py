"""Notes for the hotline: sealed, read on the record, closed once."""

from pathlib import Path

import pytest

from knowledge.audit.service import history
from knowledge.conversations.service import open_conversation
from knowledge.database import Database
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.notes.service import close, leave, notes, read_contact
from knowledge.people.actor import Actor, Role
from knowledge.privacy.sealing import Sealer, SealError, masked
from knowledge.settings import Settings, SettingsError

CHEN = Actor(1, "陈话务员", roles=frozenset({Role.OPERATOR}))
WANG = Actor(2, "王采编", department_id=1, roles=frozenset({Role.EDITOR}))


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(Settings(home=tmp_path / "home"))


def left(database: Database, sealer: Sealer, text: str = "窗口没人", contact: str = "") -> int:
    with database.write() as session:
        conversation, _ = open_conversation(session, "web")
        session.flush()
        return leave(session, sealer, conversation, text, contact or "13987654321").id


def test_a_note_is_read_on_the_record_and_closed_once(database: Database, sealer: Sealer) -> None:
    number = left(database, sealer, "窗口没人，打13987654321")
    with database.write() as session:
        (note,) = notes(session, CHEN, handled=False)
        assert note.text == "窗口没人，打[手机号]"
        assert "13987654321" not in note.sealed_contact
        assert read_contact(session, sealer, CHEN, number) == "13987654321"
        with pytest.raises(ContentError, match="请写明处理结果"):
            close(session, CHEN, number, "  ")
        close(session, CHEN, number, "已回电 13987654321，办好了")
        with pytest.raises(ConflictError, match="陈话务员"):
            close(session, CHEN, number, "又办了一次")
        assert note.outcome == "已回电 [手机号]，办好了"
        assert notes(session, CHEN, handled=False) == []
        assert [one.id for one in notes(session, CHEN, handled=True)] == [number]
        session.flush()
        done = [one.action for one in history(session, f"note:{number}")]
    assert done == ["note_closed", "contact_read", "note_left"]


@pytest.mark.parametrize("between", ["\u200b", "\u2060", "\ufeff", "\x00"])
def test_hidden_characters_do_not_hide_a_number(
    database: Database, sealer: Sealer, between: str
) -> None:
    left(database, sealer, f"请打1381234{between}5678")
    with database.read() as session:
        (note,) = notes(session, CHEN, handled=False)
    assert note.text == "请打[手机号]"


def test_who_does_not_handle_notes_sees_nothing(database: Database, sealer: Sealer) -> None:
    number = left(database, sealer)
    with database.write() as session:
        with pytest.raises(NotAllowedError):
            notes(session, WANG, handled=False)
        with pytest.raises(NotAllowedError):
            read_contact(session, sealer, WANG, number)
        with pytest.raises(NotAllowedError):
            close(session, WANG, number, "x")
        with pytest.raises(NotFoundError, match="没有这条留言"):
            close(session, CHEN, number + 1, "x")
        assert [one.action for one in history(session, f"note:{number}")] == ["note_left"]


@pytest.mark.parametrize(
    ("text", "contact", "fields"),
    [
        ("", "13987654321", ["text"]),
        ("字" * 1001, "13987654321", ["text"]),
        ("窗口没人", "1234", ["contact"]),
        ("窗口没人", "打我电话", ["contact"]),
        ("窗口没人", "1" * 61, ["contact"]),
        (" ", " ", ["text", "contact"]),
    ],
)
def test_a_note_without_text_or_number_is_refused(
    database: Database, sealer: Sealer, text: str, contact: str, fields: list[str]
) -> None:
    with database.write() as session, pytest.raises(ContentError) as told:
        leave(session, sealer, "nobody", text, contact)
    assert list(told.value.problems) == fields


def test_another_key_opens_nothing_and_says_so(tmp_path: Path) -> None:
    sealed = Sealer(Settings(home=tmp_path / "a")).seal("13987654321")
    with pytest.raises(SealError, match="密钥文件与数据库不匹配"):
        Sealer(Settings(home=tmp_path / "b")).open(sealed)
    assert Sealer(Settings(home=tmp_path / "a")).open(sealed) == "13987654321"


def test_a_secret_is_made_once_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = settings.secret("contact")
    assert settings.secret("contact") == first
    assert len(first) == 32
    path = tmp_path / "secrets" / "contact"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(SettingsError, match="已损坏"):
        settings.secret("contact")


@pytest.mark.parametrize(
    ("contact", "shown"),
    [("13987654321", "139****4321"), ("0592-6051234", "059****1234"), ("605123", "****")],
)
def test_a_number_is_shown_so_that_it_cannot_be_dialled(contact: str, shown: str) -> None:
    assert masked(contact) == shown
