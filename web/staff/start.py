"""The start page: what waits for me today, and what changed lately in my department."""

from flask import Blueprint, render_template

from knowledge import clock
from knowledge.entries.lists import STATE_NAMES, Filter, entries
from knowledge.people.actor import Right
from web.access import actor, staff
from web.services import services
from web.staff.waiting import waiting

blueprint = Blueprint("start", __name__)

LATELY = 8
WEEKDAYS = "一二三四五六日"


@blueprint.get("/start")
@staff()
def home() -> str:
    """Show what waits, the overdue first, and the latest changes."""
    person = actor()
    matters = [one for one in waiting().matters if one.count]
    today = clock.today()
    with services().database.read() as session:
        lately = None
        if person.may(Right.READ_ENTRIES):
            wanted = Filter(department_id=person.department_id)
            lately = entries(session, wanted, 1, LATELY).rows
    return render_template(
        "staff/start.html",
        matters=sorted(matters, key=lambda one: (not one.overdue, not one.badge)),
        lately=lately,
        states=STATE_NAMES,
        greeting=_greeting(clock.local(clock.now()).hour),
        today=today,
        weekday=WEEKDAYS[today.weekday()],
        may_write=person.may(Right.EDIT_ENTRIES),
    )


def _greeting(hour: int) -> str:
    if hour < 6:
        return "夜深了"
    return "早上好" if hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"
