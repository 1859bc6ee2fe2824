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
    MANAGE_CATEGORIES = "manage_categories"
    MANAGE_USERS = "manage_users"
    MANAGE_DEPARTMENTS = "manage_departments"
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
            Right.MANAGE_CATEGORIES,
        }
    ),
    Role.OPERATOR: frozenset({Right.READ_ENTRIES, Right.HANDLE_NOTES}),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.READ_ENTRIES,
            Right.MANAGE_USERS,
            Right.MANAGE_DEPARTMENTS,
            Right.READ_AUDIT,
            Right.EVALUATE,
            Right.EDIT_LEXICON,
        }
    ),
}

# Roles that are granted for a department; the others reach everywhere unless they are bound.
OF_DEPARTMENTS = frozenset({Role.EDITOR, Role.REVIEWER})

# Rights over what the whole hotline shares: a grant bound to a part of it does not give them.
WHOLE = frozenset(
    {
        Right.HANDLE_NOTES,
        Right.EVALUATE,
        Right.EDIT_LEXICON,
        Right.MANAGE_CATEGORIES,
        Right.MANAGE_USERS,
        Right.MANAGE_DEPARTMENTS,
        Right.READ_AUDIT,
    }
)


@dataclass(frozen=True)
class Reach:
    """A role, and how far it reaches: ids of departments and categories, None for all."""

    role: Role
    departments: frozenset[int] | None = None
    categories: frozenset[int] | None = None

    @property
    def bound(self) -> bool:
        """Whether it reaches a part of the hotline only."""
        return self.departments is not None or self.categories is not None

    def holds(self, right: Right, department_id: int | None, category_id: int | None) -> bool:
        """Tell whether this gives `right` there; None stands for “somewhere”."""
        if right not in RIGHTS[self.role] or (right in WHOLE and self.bound):
            return False
        if right is Right.READ_ENTRIES:
            return True
        return _within(self.departments, department_id) and _within(self.categories, category_id)


@dataclass(frozen=True)
class Actor:
    """A person, or the system itself, in the act of doing something.

    `department_id` is the person's home department; `address` is where the
    request came from (an IP address, or “命令行”). `reaches` are the grants, their
    trees resolved. Where only `roles` are given they reach as far as is usual: an
    editor or reviewer for the home department, every other role everywhere.
    """

    user_id: int | None
    name: str
    department_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    address: str = ""
    is_system: bool = False
    reaches: tuple[Reach, ...] = ()
    must_change_password: bool = False

    def __post_init__(self) -> None:
        if self.reaches:
            object.__setattr__(self, "roles", frozenset(reach.role for reach in self.reaches))
        else:
            home = frozenset() if self.department_id is None else frozenset({self.department_id})
            usual = (
                Reach(role, home if role in OF_DEPARTMENTS else None) for role in sorted(self.roles)
            )
            object.__setattr__(self, "reaches", tuple(usual))

    def may(
        self, right: Right, department_id: int | None = None, category_id: int | None = None
    ) -> bool:
        """Tell whether this actor holds `right` for that department and category.

        Without a department the answer is yes if there is one for which it holds; in
        the same way without a category: a person whose grant is bound to a category
        gets yes, and must be asked about again with the category that is saved or
        reviewed. One grant must cover both. Reading is not bound: every member of
        staff may read every department's entries.
        """
        return self.is_system or any(
            reach.holds(right, department_id, category_id) for reach in self.reaches
        )


def _within(reached: frozenset[int] | None, asked: int | None) -> bool:
    """Tell whether `asked` is reached; where nothing is asked, whether anything is."""
    if reached is None:
        return True
    return bool(reached) if asked is None else asked in reached


def system(name: str = "系统") -> Actor:
    """Return the actor that stands for the system (seeding, the command line)."""
    return Actor(user_id=None, name=name, address="命令行", is_system=True)
