"""The list of entries: filtered, sorted, with the person's own filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from knowledge.bulk.service import ACT_NAMES, MOST
from knowledge.categories.service import leaf_paths
from knowledge.departments.service import departments
from knowledge.entries.lifecycle import STEP_NAMES, Step
from knowledge.entries.lists import PUBLISHED, STATE_NAMES, Filter, Order, Sort, State
from knowledge.entries.lists import entries as listed_entries
from knowledge.errors import ConflictError, ContentError
from knowledge.filters import service as filters
from knowledge.people.actor import Right
from knowledge.review.periods import DUE_NAMES, Due, condition
from web.access import actor, staff
from web.admin.forms import number
from web.department.page import review_periods
from web.department.views import blueprint
from web.services import services

PAGE_SIZE = 50
ASKED = ("q", "department", "category", "state", "sort", "way")
COLUMNS = {
    Sort.QUESTION: "标准问",
    Sort.DEPARTMENT: "责任部门",
    Sort.UNTIL: "有效期止",
    Sort.UPDATED: "更新于",
}
HOLDERS = {
    Step.WRITING: "{}（采编）",
    Step.RETURNED: "{}（退回修改）",
    Step.DEPARTMENT: "部门审核员",
    Step.HOTLINE: "热线终审",
    Step.SCHEDULED: "等到时发布",
}


@dataclass(frozen=True)
class Asked:
    """What the address line asks for, read once and written into links again."""

    q: str = ""
    department: str = "all"
    category: str = ""
    state: str = ""
    sort: Sort = Sort.UPDATED
    down: bool = True

    def filter(self, session: Session) -> Filter:
        """Return which entries these are."""
        state = self.state
        due = Due(state) if state in set(Due) else None
        return Filter(
            text=self.q,
            department_id=number(self.department),
            category_id=number(self.category),
            state=State(state) if state in set(State) else None,
            step=Step(state) if state in set(Step) else None,
            only=condition(due, review_periods(session), PUBLISHED) if due else None,
        )

    @property
    def order(self) -> Order:
        """How they are sorted."""
        return Order(self.sort, self.down)

    def link(self, **changed: str) -> dict[str, str]:
        """Return what stands in the address line, with something changed."""
        way = "down" if self.down else "up"
        usual = self.sort is Sort.UPDATED and self.down
        own = {
            "q": self.q,
            "department": self.department,
            "category": self.category,
            "state": self.state,
            "sort": "" if usual else self.sort.value,
            "way": "" if usual else way,
        }
        return {name: value for name, value in (own | changed).items() if value}

    def turned(self, name: str) -> dict[str, str]:
        """Return the address line that sorts by a column, the other way at the second press."""
        sort = Sort(name)
        down = not self.down if sort is self.sort else sort is Sort.UPDATED
        return self.link(sort=sort.value, way="down" if down else "up")


def asked(given: MultiDict[str, str] | Mapping[str, str]) -> Asked:
    """Read what is asked for; what cannot be is left out."""
    sort = given.get("sort", "")
    chosen = Sort(sort) if sort in set(Sort) else Sort.UPDATED
    down = given.get("way", "down" if chosen is Sort.UPDATED else "up") == "down"
    category = given.get("category", "")
    return Asked(
        q=given.get("q", "")[:100].strip(),
        department=_department(given.get("department")),
        category=category if number(category) else "",
        state=given.get("state", "")[:20],
        sort=chosen,
        down=down,
    )


@blueprint.get("")
@blueprint.get("/")
@staff(Right.READ_ENTRIES)
def entries() -> str:
    """List entries: by the address line, else by the person's first filter, else one's own."""
    with services().database.read() as session:
        kept = filters.filters(session, actor())
        first = next((one for one in kept if one.first), None)
        plain = not any(name in request.args for name in (*ASKED, "page"))
        wanted = asked(first.wanted if first is not None and plain else request.args)
        at = request.args.get("page", 1, type=int)
        page = listed_entries(session, wanted.filter(session), at, PAGE_SIZE, wanted.order)
        link = wanted.link()
        return render_template(
            "department/entries.html",
            page=page,
            wanted=wanted,
            departments=departments(session),
            categories=leaf_paths(session),
            states=STATE_NAMES,
            steps=STEP_NAMES,
            columns=COLUMNS,
            holders=HOLDERS,
            acts=ACT_NAMES,
            dues=DUE_NAMES,
            indexing=services().search.indexing,
            most=MOST,
            kept=kept,
            current=next((one for one in kept if asked(one.wanted).link() == link), None),
            mine=actor().department_id,
            may_add=actor().may(Right.EDIT_ENTRIES),
        )


@blueprint.post("/filters")
@staff(Right.READ_ENTRIES)
def keep_filter() -> Response:
    """Keep what is asked for now under a name."""
    wanted = asked(request.form).link()
    try:
        with services().database.write() as session:
            kept = filters.keep(session, actor(), request.form.get("name", ""), wanted)
            name = kept.name
        flash(f"已存为“{name}”，点列表上面的名字就能再用。", "good")
    except (ContentError, ConflictError) as error:
        flash(f"没有存：{error}", "bad")
    return _back(wanted)


@blueprint.post("/filters/<int(max=2147483647):filter_id>/<any(first, plain, forget):what>")
@staff(Right.READ_ENTRIES)
def change_filter(filter_id: int, what: str) -> Response:
    """Let the list open with a filter, or no longer; or forget the filter."""
    with services().database.write() as session:
        if what == "forget":
            filters.forget(session, actor(), filter_id)
        else:
            filters.open_first(session, actor(), filter_id, what == "first")
    told = {
        "first": "以后打开“知识条目”，先按这个筛选。",
        "plain": "以后打开“知识条目”，不再先按这个筛选。",
        "forget": "已删去这个筛选。条目没有变。",
    }
    flash(told[what], "good")
    return _back(asked(request.form).link())


def _back(link: dict[str, Any]) -> Response:
    return redirect(url_for("department.entries", **link))  # type: ignore[return-value]


def _department(given: str | None) -> str:
    if given is None:
        mine = actor().department_id
        return str(mine) if mine is not None and actor().may(Right.EDIT_ENTRIES, mine) else "all"
    return given if number(given) else "all"
