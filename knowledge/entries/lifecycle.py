"""The life of an entry in one place: which step follows which, and who may take it.

    writing ──submit──▶ department ──pass──▶ hotline ──approve──▶ published (or scheduled)
       ▲                    │                   │                        │
       └── returned ◀───────┴─── return ────────┘           withdraw, expire ──▶ archived

A published entry that is edited has a pending version on this way, while the old one
serves. Everything here is pure: it looks at values and changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from knowledge.errors import ConflictError, KnowledgeError, NotAllowedError
from knowledge.people.actor import Actor, Right


class Step(StrEnum):
    """Where a pending version stands."""

    WRITING = "writing"
    RETURNED = "returned"
    DEPARTMENT = "department"
    HOTLINE = "hotline"
    SCHEDULED = "scheduled"


STEP_NAMES = {
    Step.WRITING: "草稿",
    Step.RETURNED: "已退回",
    Step.DEPARTMENT: "部门审核中",
    Step.HOTLINE: "热线终审中",
    Step.SCHEDULED: "待定时发布",
}
WITH_AUTHOR = frozenset({Step.WRITING, Step.RETURNED})
IN_REVIEW = frozenset({Step.DEPARTMENT, Step.HOTLINE, Step.SCHEDULED})


class Move(StrEnum):
    """What a person can do to an entry."""

    SAVE = "save"
    SUBMIT = "submit"
    RECALL = "recall"
    DISCARD = "discard"
    PASS = "pass"  # noqa: S105 - a step of the review
    RETURN = "return"
    APPROVE = "approve"
    EMERGENCY = "emergency"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    ARCHIVE = "archive"
    REVIVE = "revive"


MOVE_NAMES = {
    Move.SAVE: "修改",
    Move.SUBMIT: "提交审核",
    Move.RECALL: "撤回提交",
    Move.DISCARD: "放弃修改",
    Move.PASS: "部门审核通过",
    Move.RETURN: "退回",
    Move.APPROVE: "终审发布",
    Move.EMERGENCY: "紧急发布",
    Move.WITHDRAW: "下架",
    Move.CONFIRM: "确认仍然有效",
    Move.ARCHIVE: "归档",
    Move.REVIVE: "恢复为草稿",
}

ANYWHERE: tuple[Step | None, ...] = (None, *Step)


def _all(steps: Iterable[Step | None], right: Right) -> dict[Step | None, Right]:
    return dict.fromkeys(steps, right)


_AUTHORS = _all((Step.WRITING, Step.RETURNED), Right.EDIT_ENTRIES)


@dataclass(frozen=True)
class Rule:
    """The right that a move takes at each step (None: no pending version), and its conditions.

    `others`: not for who wrote on the version. `served`, `archived`: what the entry
    must be, or must not be; None where it does not matter.
    """

    rights: Mapping[Step | None, Right]
    others: bool = False
    served: bool | None = None
    archived: bool = False


RULES: dict[Move, Rule] = {
    Move.SAVE: Rule(_all(ANYWHERE, Right.EDIT_ENTRIES)),
    Move.SUBMIT: Rule(_AUTHORS),
    Move.RECALL: Rule(_all(IN_REVIEW, Right.EDIT_ENTRIES)),
    Move.DISCARD: Rule(_AUTHORS, served=True),
    Move.PASS: Rule({Step.DEPARTMENT: Right.REVIEW_ENTRIES}, others=True),
    Move.RETURN: Rule(
        {
            Step.DEPARTMENT: Right.REVIEW_ENTRIES,
            Step.HOTLINE: Right.PUBLISH_ENTRIES,
            Step.SCHEDULED: Right.PUBLISH_ENTRIES,
        },
        others=True,
    ),
    Move.APPROVE: Rule({Step.HOTLINE: Right.PUBLISH_ENTRIES}, others=True),
    Move.EMERGENCY: Rule(_all(Step, Right.PUBLISH_ENTRIES)),
    Move.WITHDRAW: Rule(_all(ANYWHERE, Right.EDIT_ENTRIES), served=True),
    Move.CONFIRM: Rule(_all(ANYWHERE, Right.REVIEW_ENTRIES), served=True),
    Move.ARCHIVE: Rule({**_AUTHORS, None: Right.EDIT_ENTRIES}, served=False),
    Move.REVIVE: Rule(_all(ANYWHERE, Right.EDIT_ENTRIES), archived=True),
}


@dataclass(frozen=True)
class Standing:
    """What the rules look at: where an entry stands.

    `served` tells that it has a published version, `expired` that the version is past
    its validity; `author_ids` are those who wrote on the pending version.
    """

    department_id: int
    category_id: int | None
    step: Step | None
    served: bool
    expired: bool = False
    archived: bool = False
    author_ids: frozenset[int] = field(default_factory=frozenset)


def refusal(actor: Actor, move: Move, at: Standing) -> KnowledgeError | None:
    """Return why `actor` cannot make this move now, or None where nothing speaks against it."""
    rule = RULES[move]
    right = rule.rights.get(at.step) or next(iter(rule.rights.values()))
    if not actor.may(right, at.department_id, at.category_id):
        return NotAllowedError(_NO_RIGHT[right])
    if rule.archived != at.archived:
        return ConflictError(
            "这一条已归档，请先恢复为草稿" if at.archived else "这一条没有归档，不用恢复"
        )
    return _wrong_place(move, rule, at) or _own_work(actor, rule, at)


def may(actor: Actor, move: Move, at: Standing) -> bool:
    """Tell whether `actor` can make this move now."""
    return refusal(actor, move, at) is None


def require(actor: Actor, move: Move, at: Standing) -> None:
    """Refuse a move that cannot be made.

    Raises:
        NotAllowedError: the actor lacks the right, or wrote the version under review.
        ConflictError: the entry does not stand where this can be done.
    """
    error = refusal(actor, move, at)
    if error is not None:
        raise error


_NO_RIGHT = {
    Right.EDIT_ENTRIES: "这一条属于其他部门或不归您采编，您可以查看，不能修改",
    Right.REVIEW_ENTRIES: "您没有审核这一条的权限",
    Right.PUBLISH_ENTRIES: "只有热线知识管理员可以发布",
}


def _wrong_step(move: Move, step: Step | None) -> ConflictError:
    if step is None:
        return ConflictError("没有待发布的修改：这一条已经是最新的发布版本")
    return ConflictError(f"这一版现在是“{STEP_NAMES[step]}”，不能{MOVE_NAMES[move]}")


def _wrong_place(move: Move, rule: Rule, at: Standing) -> ConflictError | None:
    if at.step not in rule.rights:
        return _wrong_step(move, at.step)
    if rule.served is True and not at.served:
        return ConflictError(f"这一条没有在服务，无需{MOVE_NAMES[move]}")
    if rule.served is False and at.served and not at.expired:
        return ConflictError(f"这一条还在服务，请先下架再{MOVE_NAMES[move]}")
    return None


def _own_work(actor: Actor, rule: Rule, at: Standing) -> NotAllowedError | None:
    if rule.others and actor.user_id is not None and actor.user_id in at.author_ids:
        return NotAllowedError("这一版有您自己写的内容，要由别人来审；您可以撤回或留言")
    return None
