"""The accounts of a first start: an administrator and one person per demo role."""

from dataclasses import dataclass

from knowledge.database import Database
from knowledge.departments.service import department_named
from knowledge.errors import NotFoundError
from knowledge.people.actor import ROLE_NAMES, Role, system
from knowledge.people.passwords import random_password
from knowledge.people.service import add_user, users


@dataclass(frozen=True)
class NewAccount:
    """An account just made; the password is known only now."""

    username: str
    role: str
    department: str
    password: str


# user name, role, department code
DEMO = (
    ("admin", Role.ADMINISTRATOR, None),
    ("manager", Role.MANAGER, "hotline"),
    ("operator", Role.OPERATOR, "hotline"),
    ("editor", Role.EDITOR, "approval"),
    ("reviewer", Role.REVIEWER, "approval"),
    ("editor2", Role.EDITOR, "industry"),
)


def first_accounts(database: Database) -> list[NewAccount]:
    """Make the demo accounts if nobody has an account yet."""
    made: list[NewAccount] = []
    with database.write() as session:
        if users(session):
            return []
        for username, role, code in DEMO:
            try:
                department = department_named(session, code) if code else None
            except NotFoundError:
                continue
            password = random_password()
            add_user(
                session,
                system(),
                username=username,
                display_name=f"{ROLE_NAMES[role]}（示例）",
                password=password,
                roles=[role],
                department=department,
            )
            made.append(
                NewAccount(
                    username, ROLE_NAMES[role], department.name if department else "", password
                )
            )
    return made
