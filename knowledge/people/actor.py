"""Who acts, and what they may do."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The roles of a hotline's staff."""

    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.EDITOR: "部门采编员",
    Role.REVIEWER: "部门审核员",
    Role.MANAGER: "热线知识管理员",
    Role.OPERATOR: "话务员",
    Role.ADMINISTRATOR: "系统管理员",
}


class Right(StrEnum):
    """What a role lets a person do."""

    READ_ENTRIES = "read_entries"
    EDIT_ENTRIES = "edit_entries"
    REVIEW_ENTRIES = "review_entries"
    PUBLISH_ENTRIES = "publish_entries"
    HANDLE_NOTES = "handle_notes"
    EVALUATE = "evaluate"
    EDIT_LEXICON = "edit_lexicon"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.EDITOR: frozenset({Right.READ_ENTRIES, Right.EDIT_ENTRIES}),
    Role.REVIEWER: frozenset({Right.READ_ENTRIES, Right.EDIT_ENTRIES, Right.REVIEW_ENTRIES}),
    Role.MANAGER: frozenset(
        {
            Right.READ_ENTRIES,
            Right.EDIT_ENTRIES,
            Right.REVIEW_ENTRIES,
            Right.PUBLISH_ENTRIES,
            Right.HANDLE_NOTES,
            Right.EVALUATE,
            Right.EDIT_LEXICON,
        }
    ),
    Role.OPERATOR: frozenset({Right.READ_ENTRIES, Right.HANDLE_NOTES}),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.READ_ENTRIES,
            Right.MANAGE_USERS,
            Right.READ_AUDIT,
            Right.EVALUATE,
            Right.EDIT_LEXICON,
        }
    ),
}

# Roles whose rights reach beyond the person's own department.
EVERYWHERE = frozenset({Role.MANAGER, Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Actor:
    """A person, or the system itself, in the act of doing something.

    `department_id` is the person's own department; `address` is where the
    request came from (an IP address, or “命令行”).
    """

    user_id: int | None
    name: str
    department_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    address: str = ""
    is_system: bool = False

    def may(
        self,
        right: Right,
        department_id: int | None = None,
        category_id: int | None = None,  # noqa: ARG002 - rights within a category come with grants
    ) -> bool:
        """Tell whether this actor holds `right`, for that department where one is given.

        Reading is not bound to a department: every member of staff may read
        every department's entries.
        """
        if self.is_system:
            return True
        for role in self.roles:
            if right not in RIGHTS[role]:
                continue
            if right is Right.READ_ENTRIES or role in EVERYWHERE or department_id is None:
                return True
            if department_id == self.department_id:
                return True
        return False


def system(name: str = "系统") -> Actor:
    """Return the actor that stands for the system (seeding, the command line)."""
    return Actor(user_id=None, name=name, address="命令行", is_system=True)
