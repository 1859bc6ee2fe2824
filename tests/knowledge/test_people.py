"""Staff: accounts, signing in, sessions that end, and what each role may do."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge import clock
from knowledge.audit.service import history
from knowledge.database import Database
from knowledge.departments.service import add_department
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.people.actor import Actor, Right, Role, system
from knowledge.people.models import FailedLogin, StaffSession, User
from knowledge.people.passwords import hash_password, password_matches, random_password
from knowledge.people.service import add_user, set_active, set_password, users
from knowledge.people.sessions import Limits, LoginError, actor_of, sign_in, sign_out

PASSWORD = "correct horse battery"
HERE = "192.0.2.7"
LIMITS = Limits(idle=timedelta(minutes=30), total=timedelta(hours=10))


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def passes(self, **much: float) -> None:
        self.instant += timedelta(**much)


@pytest.fixture
def base(database: Database) -> Database:
    """Wang edits for the civil affairs bureau."""
    with database.write() as session:
        bureau = add_department(session, code="civil", name="民政局")
        add_user(
            session,
            system(),
            username="wang",
            display_name="王采编",
            password=PASSWORD,
            roles=[Role.EDITOR],
            department=bureau,
        )
    return database


def test_wang_signs_in_works_and_signs_out(base: Database) -> None:
    token = sign_in(base, " WANG ", PASSWORD, HERE)
    actor = actor_of(base, token, LIMITS, HERE)
    assert actor is not None
    assert (actor.name, actor.roles) == ("王采编", frozenset({Role.EDITOR}))
    assert actor.may(Right.EDIT_ENTRIES, actor.department_id)
    sign_out(base, token)
    assert actor_of(base, token, LIMITS, HERE) is None


def test_neither_password_nor_token_is_stored(base: Database) -> None:
    token = sign_in(base, "wang", PASSWORD, HERE)
    with base.read() as session:
        stored = session.scalars(select(StaffSession.token_hash)).one()
        hashed = session.scalars(select(User.password_hash)).one()
    assert token not in stored
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed


def test_a_session_ends_when_nobody_works_in_it(base: Database) -> None:
    time = Time()
    with clock.frozen(time):
        token = sign_in(base, "wang", PASSWORD, HERE)
        for _ in range(5):
            time.passes(minutes=29)
            assert actor_of(base, token, LIMITS, HERE) is not None
        time.passes(minutes=31)
        assert actor_of(base, token, LIMITS, HERE) is None
        time.passes(minutes=-31)
        assert actor_of(base, token, LIMITS, HERE) is None  # it is gone, not asleep


def test_no_session_outlives_the_working_day(base: Database) -> None:
    time = Time()
    with clock.frozen(time):
        token = sign_in(base, "wang", PASSWORD, HERE)
        for _ in range(30):
            time.passes(minutes=20)
            assert actor_of(base, token, LIMITS, HERE) is not None
        time.passes(minutes=1)
        assert actor_of(base, token, LIMITS, HERE) is None


def test_a_wrong_password_and_an_unknown_name_sound_the_same(base: Database) -> None:
    said = set()
    for name in ("wang", "nobody", "", "wang'; --", "名" * 500):
        with pytest.raises(LoginError) as told:
            sign_in(base, name, "wrong", HERE)
        said.add(str(told.value))
    assert len(said) == 1
    assert "用户名或密码不对" in said.pop()


def test_five_failures_close_the_name_for_a_quarter_of_an_hour(base: Database) -> None:
    time = Time()
    with clock.frozen(time):
        for number in range(5):
            with pytest.raises(LoginError, match="不对"):
                sign_in(base, "wang", "wrong", f"192.0.2.{number}")
        with pytest.raises(LoginError, match="15 分钟后再试"):
            sign_in(base, "wang", PASSWORD, HERE)
        time.passes(minutes=15, seconds=1)
        assert actor_of(base, sign_in(base, "wang", PASSWORD, HERE), LIMITS, HERE) is not None


def test_guessing_many_names_from_one_address_is_stopped_there_only(base: Database) -> None:
    with clock.frozen(Time()):
        for number in range(20):
            with pytest.raises(LoginError, match="不对"):
                sign_in(base, f"name{number}", "wrong", HERE)
        with pytest.raises(LoginError, match="次数太多"):
            sign_in(base, "wang", PASSWORD, HERE)
        assert sign_in(base, "wang", PASSWORD, "192.0.2.99")


def test_signing_in_forgets_the_failures_before(base: Database) -> None:
    with clock.frozen(Time()):
        for _ in range(3):
            for _ in range(4):
                with pytest.raises(LoginError, match="不对"):
                    sign_in(base, "wang", "wrong", "192.0.2.1")
            sign_in(base, "wang", PASSWORD, "192.0.2.1")
    with base.read() as session:
        assert session.scalars(select(FailedLogin)).all() == []


def test_a_new_password_ends_every_session_and_the_old_one_opens_none(base: Database) -> None:
    tokens = [sign_in(base, "wang", PASSWORD, HERE) for _ in range(2)]
    with base.write() as session:
        set_password(session, system(), "wang", "a-new-password")
    assert [actor_of(base, token, LIMITS, HERE) for token in tokens] == [None, None]
    with pytest.raises(LoginError):
        sign_in(base, "wang", PASSWORD, HERE)
    assert sign_in(base, "wang", "a-new-password", HERE)


def test_who_left_is_out_at_once_and_may_come_back(base: Database) -> None:
    token = sign_in(base, "wang", PASSWORD, HERE)
    with base.write() as session:
        set_active(session, system(), "wang", False)
    assert actor_of(base, token, LIMITS, HERE) is None
    with pytest.raises(LoginError, match="用户名或密码不对"):
        sign_in(base, "wang", PASSWORD, HERE)
    with base.write() as session:
        set_active(session, system(), "wang", True)
    assert actor_of(base, token, LIMITS, HERE) is None
    assert sign_in(base, "wang", PASSWORD, HERE)
    with base.read() as session:
        wang = users(session)[0]
        actions = [one.action for one in history(session, f"user:{wang.id}")]
    assert actions == [
        "signed_in", "user_reopened", "sign_in_failed", "user_closed", "signed_in", "user_added",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("username", "name", "password", "roles", "field"),
    [
        ("W", "王", PASSWORD, [Role.MANAGER], "username"),
        ("Wang", "王", PASSWORD, [Role.MANAGER], "username"),
        ("-wang", "王", PASSWORD, [Role.MANAGER], "username"),
        ("wang\n", "王", PASSWORD, [Role.MANAGER], "username"),
        ("w" * 33, "王", PASSWORD, [Role.MANAGER], "username"),
        ("li", " ", PASSWORD, [Role.MANAGER], "display_name"),
        ("li", "王", PASSWORD, [], "roles"),
        ("li", "王", PASSWORD, [Role.EDITOR], "department"),
        ("li", "王", PASSWORD, [Role.OPERATOR, Role.REVIEWER], "department"),
        ("li", "王", "too short", [Role.MANAGER], "password"),
        ("li", "王", "x" * 129, [Role.MANAGER], "password"),
    ],
)
def test_a_bad_account_is_not_made(
    base: Database, username: str, name: str, password: str, roles: list[Role], field: str
) -> None:
    with base.write() as session, pytest.raises(ContentError) as told:
        add_user(
            session,
            system(),
            username=username,
            display_name=name,
            password=password,
            roles=roles,
            department=None,
        )
    assert list(told.value.problems) == [field]
    with base.read() as session:
        assert [user.username for user in users(session)] == ["wang"]


def test_a_name_is_given_once_and_unknown_names_are_told(base: Database) -> None:
    with base.write() as session, pytest.raises(ConflictError, match="“wang”已被使用"):
        add_user(
            session,
            system(),
            username="wang",
            display_name="另一位",
            password=PASSWORD,
            roles=[Role.MANAGER],
            department=None,
        )
    with base.write() as session:
        with pytest.raises(NotFoundError, match="没有用户“li”"):
            set_password(session, system(), "li", PASSWORD)
        with pytest.raises(NotFoundError, match="没有用户“li”"):
            set_active(session, system(), "li", False)


MAY = {
    # role: reads, edits its own department, edits another, handles notes, manages users
    Role.EDITOR: (True, True, False, False, False),
    Role.REVIEWER: (True, True, False, False, False),
    Role.MANAGER: (True, True, True, True, False),
    Role.OPERATOR: (True, False, False, True, False),
    Role.ADMINISTRATOR: (True, False, False, False, True),
}


@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_may_do(role: Role) -> None:
    person = Actor(1, "某人", department_id=3, roles=frozenset({role}))
    assert (
        person.may(Right.READ_ENTRIES, 4),
        person.may(Right.EDIT_ENTRIES, 3),
        person.may(Right.EDIT_ENTRIES, 4),
        person.may(Right.HANDLE_NOTES),
        person.may(Right.MANAGE_USERS),
    ) == MAY[role]


def test_who_has_no_role_may_nothing() -> None:
    nobody = Actor(1, "某人", department_id=3)
    assert [right for right in Right if nobody.may(right, 3)] == []


def test_passwords() -> None:
    stored = hash_password(PASSWORD)
    assert password_matches(stored, PASSWORD)
    assert not password_matches(stored, PASSWORD + "x")
    assert not password_matches(None, PASSWORD)
    assert not password_matches("not a hash", PASSWORD)
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    assert {len(password) for password in made} == {14}
    assert not set("".join(made)) & set("0O1lIi")
