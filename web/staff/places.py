"""The places of the staff pages: what stands in the rail, for whom.

A capability adds one line; `Place.endpoint` is the page that it opens, and every page
of the same blueprint (or of `blueprints`) counts as being there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import Flask, request
from flask_login import current_user

from knowledge.people.actor import Actor, Right
from web.access import actor
from web.staff.waiting import Waiting, waiting

TODAY, KNOWLEDGE, CITIZENS, KEEPING = "今天", "知识", "市民", "管理"


OF_ENTRIES = ("department", "versions", "bulk")


@dataclass(frozen=True)
class Place:
    """One line of the rail; without a right it is for all staff."""

    group: str
    endpoint: str
    name: str
    right: Right | None = None
    blueprints: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> bool:
        """Tell whether a page belongs to this place."""
        own = self.endpoint.partition(".")[0]
        return endpoint.partition(".")[0] in (self.blueprints or (own,))


PLACES = (
    Place(TODAY, "start.home", "开始"),
    Place(TODAY, "review.waiting", "待我处理", Right.EDIT_ENTRIES),
    Place(KNOWLEDGE, "department.entries", "知识条目", Right.READ_ENTRIES, OF_ENTRIES),
    Place(KNOWLEDGE, "rounds.home", "定期梳理", Right.EDIT_ENTRIES),
    Place(KNOWLEDGE, "basis.home", "依据查条目", Right.READ_ENTRIES),
    Place(KNOWLEDGE, "exchange.home", "导入导出", Right.EDIT_ENTRIES),
    Place(KNOWLEDGE, "lexicon.items", "同义词", Right.READ_ENTRIES),
    Place(KNOWLEDGE, "categories.home", "分类", Right.MANAGE_CATEGORIES),
    Place(KNOWLEDGE, "checks.rules", "发布前检查", Right.MANAGE_CATEGORIES),
    Place(KNOWLEDGE, "admin.home", "命中测试", Right.EVALUATE, ("admin", "single")),
    Place(CITIZENS, "corrections.listed", "纠错"),
    Place(CITIZENS, "gaps.listed", "知识缺口", Right.EDIT_ENTRIES),
    Place(CITIZENS, "desk.notes", "市民留言", Right.HANDLE_NOTES),
    Place(KEEPING, "audit.rows", "操作记录", Right.READ_AUDIT),
    Place(KEEPING, "people.home", "人员", Right.MANAGE_USERS),
    Place(KEEPING, "departments.home", "部门", Right.MANAGE_DEPARTMENTS),
)


@dataclass(frozen=True)
class Shown:
    """A place as the rail shows it; `count` is how much waits there for the person."""

    endpoint: str
    name: str
    here: bool
    count: int = 0


def init_app(app: Flask) -> None:
    """Tell the staff pages what the rail holds for the person who looks, and where they work."""

    def told() -> dict[str, object]:
        if not current_user.is_authenticated:
            return {"places": []}
        found = waiting()
        return {"places": places(actor(), found), "my_department": found.department}

    app.context_processor(told)


def places(person: Actor, found: Waiting) -> list[tuple[str, list[Shown]]]:
    """Return the groups of the rail with the places that are for this person."""
    here = request.endpoint or ""
    return [
        (
            group,
            [
                Shown(one.endpoint, one.name, one.holds(here), found.at(one.endpoint))
                for one in members
            ],
        )
        for group, members in groupby(_open_to(person), key=lambda place: place.group)
    ]


def _open_to(person: Actor) -> Iterable[Place]:
    groups = list(dict.fromkeys(place.group for place in PLACES))
    ordered = sorted(PLACES, key=lambda place: groups.index(place.group))
    return [place for place in ordered if place.right is None or person.may(place.right)]
