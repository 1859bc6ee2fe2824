"""Every role at every route, and another department's people at every entry.

A new route wants one line in MATRIX, and one in ELSEWHERE if it names an entry or a department.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from knowledge.departments.service import department_named
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from tests.conftest import Served
from tests.web.conftest import Colleague
from web.services import Services

ACCOUNTS = {"E": "editor", "R": "reviewer", "M": "manager", "O": "operator", "A": "admin"}
STAFF = "ERMOA"
OPEN = "everyone"
CITIZEN = "citizen"  # test_access.py tries these without the conversation's token
MONITOR = "monitor"

MATRIX = {
    "GET /": OPEN,
    "GET /view/<name>": OPEN,
    "GET /login": OPEN,
    "POST /login": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /static/<filename>": OPEN,
    "GET /metrics": MONITOR,
    "GET /api/v1/docs": OPEN,
    "GET /api/v1/docs/assets/<name>": OPEN,
    "GET /api/v1/openapi.json": OPEN,
    "GET /api/v1/search": OPEN,
    "GET /api/v1/suggest": OPEN,
    "GET /api/v1/frequent": OPEN,
    "POST /api/v1/conversations": OPEN,
    "GET /api/v1/conversations/<conversation_id>/messages": CITIZEN,
    "POST /api/v1/conversations/<conversation_id>/messages": CITIZEN,
    "DELETE /api/v1/conversations/<conversation_id>/messages": CITIZEN,
    "POST /api/v1/conversations/<conversation_id>/notes": CITIZEN,
    "POST /api/v1/feedback": CITIZEN,
    "GET /start": STAFF,
    "GET /department": STAFF,
    "GET /department/": STAFF,
    "POST /department/filters": STAFF,
    "POST /department/filters/<filter_id>/<what>": STAFF,
    "POST /department/bulk": "ERM",
    "POST /department/bulk/carry-out": "ERM",
    "GET /department/entries/new": "ERM",
    "POST /department/entries/new": "ERM",
    "GET /department/entries/<code>": STAFF,
    "POST /department/entries/<code>": "ERM",
    "POST /department/entries/<code>/withdraw": "ERM",
    "POST /department/preview": STAFF,
    "GET /department/autosave": "ERM",
    "POST /department/autosave": "ERM",
    "POST /department/autosave/discard": "ERM",
    "POST /department/pictures": "ERM",
    "GET /pictures/<name>": OPEN,
    "GET /department/lexicon": STAFF,
    "GET /department/lexicon/": STAFF,
    "GET /department/lexicon/new": "MA",
    "POST /department/lexicon/new": "MA",
    "GET /department/lexicon/<item_id>": STAFF,
    "POST /department/lexicon/<item_id>": "MA",
    "POST /department/lexicon/<item_id>/remove": "MA",
    "GET /department/gaps": "ERM",
    "GET /department/gaps/": "ERM",
    "GET /department/gaps/export.xlsx": "ERM",
    "POST /department/gaps/regroup": "M",
    "GET /department/gaps/<gap_id>": "ERM",
    "POST /department/gaps/<gap_id>/assign": "ERM",
    "POST /department/gaps/<gap_id>/decide": "ERM",
    "POST /department/gaps/<gap_id>/questions": "ERM",
    "POST /department/gaps/<gap_id>/merge": "ERM",
    "GET /department/wording/suggested/<code>": "ERM",
    "POST /department/wording/suggested/<code>/dismiss": "ERM",
    "POST /department/wording/duplicates": "ERM",
    "GET /department/tasks": STAFF,
    "GET /department/rounds": "ERM",
    "GET /department/rounds/": "ERM",
    "GET /department/rounds/new": "M",
    "POST /department/rounds/new": "M",
    "GET /department/rounds/<round_id>": "ERM",
    "POST /department/rounds/<round_id>/confirm": "ERM",
    "POST /department/rounds/<round_id>/close": "M",
    "GET /department/rounds/<round_id>/export.xlsx": "ERM",
    "GET /department/basis": STAFF,
    "GET /department/basis/": STAFF,
    "POST /department/basis": STAFF,
    "POST /department/basis/mark": "ERM",
    "POST /department/entries/<code>/<move>": STAFF,
    "POST /department/entries/<code>/comments": "ERM",
    "GET /department/entries/<code>/versions": STAFF,
    "GET /department/entries/<code>/versions/compare": STAFF,
    "GET /department/entries/<code>/versions/<number>": STAFF,
    "POST /department/entries/<code>/versions/<number>/restore": "ERM",
    "POST /department/entries/<code>/checks": "ERM",
    "POST /department/entries/<code>/checks/pass": "M",
    "POST /department/checks/try": "ERM",
    "GET /department/checks": STAFF,
    "POST /department/checks/lists/<which>": "M",
    "POST /department/checks/frozen": "M",
    "GET /department/corrections": STAFF,
    "POST /department/entries/<code>/corrections": STAFF,
    "GET /department/corrections/<correction_id>": STAFF,
    "POST /department/corrections/<correction_id>": "ERM",
    "GET /department/exchange": "ERM",
    "GET /department/exchange/": "ERM",
    "POST /department/exchange": "ERM",
    "GET /department/exchange/template.xlsx": "ERM",
    "GET /department/exchange/export.<kind>": "ERM",
    "GET /department/exchange/<job_id>": "ERM",
    "GET /department/exchange/<job_id>/progress": "ERM",
    "POST /department/exchange/<job_id>/import": "ERM",
    "POST /department/exchange/<job_id>/check": "ERM",
    "GET /department/exchange/<job_id>/annotated.xlsx": "ERM",
    "GET /admin/audit": "A",
    "GET /admin/audit/": "A",
    "GET /admin/audit/<number>": "A",
    "POST /admin/audit/export.<kind>": "A",
    "POST /api/v1/conversations/<conversation_id>/corrections": CITIZEN,
    "GET /desk/notes": "MO",
    "POST /desk/notes/<note_id>/contact": "MO",
    "POST /desk/notes/<note_id>/close": "MO",
    "GET /admin/evaluation": "MA",
    "POST /admin/evaluation": "MA",
    "GET /admin/evaluation/<evaluation_id>": "MA",
    "GET /admin/evaluation/<evaluation_id>/progress": "MA",
    "GET /admin/evaluation/<evaluation_id>/report.<kind>": "MA",
    "GET /admin/evaluation/compare": "MA",
    "GET /admin/evaluation/compare/report.<kind>": "MA",
    "GET /admin/evaluation/template.xlsx": "MA",
    "GET /admin/hit-test": "MA",
    "POST /admin/hit-test": "MA",
    "GET /admin/people": "A",
    "GET /admin/people/": "A",
    "GET /admin/people/new": "A",
    "POST /admin/people/new": "A",
    "GET /admin/people/<user_id>": "A",
    "POST /admin/people/<user_id>": "A",
    "POST /admin/people/<user_id>/password": "A",
    "POST /admin/people/<user_id>/close": "A",
    "POST /admin/people/<user_id>/reopen": "A",
    "GET /admin/departments": "A",
    "GET /admin/departments/": "A",
    "GET /admin/departments/new": "A",
    "POST /admin/departments/new": "A",
    "GET /admin/departments/<department_id>": "A",
    "POST /admin/departments/<department_id>": "A",
    "POST /admin/departments/<department_id>/merge": "A",
    "POST /admin/departments/<department_id>/close": "A",
    "POST /admin/departments/<department_id>/reopen": "A",
    "GET /admin/categories": "M",
    "GET /admin/categories/": "M",
    "GET /admin/categories/new": "M",
    "POST /admin/categories/new": "M",
    "GET /admin/categories/<category_id>": "M",
    "POST /admin/categories/<category_id>": "M",
    "POST /admin/categories/<category_id>/merge": "M",
    "POST /admin/categories/<category_id>/remove": "M",
    "GET /account": STAFF,
    "GET /account/": STAFF,
    "POST /account/password": STAFF,
    "POST /account/sessions/end": STAFF,
    "POST /logout": STAFF,
}

# Ids stand for nothing that is there: who may come in finds nothing, and changes nothing.
NOTHING = "2147483647"
VALUES = {
    "code": "hc-hall-01",
    "kind": "xlsx",
    "move": "submit",
    "which": "words",
    "what": "forget",
}

# The entry hc-hall-01 is the approval bureau's. What its neighbours try is refused (the fields
# that they send), or there is a reason why nothing can be tried.
READING = "every member of staff may read every department's entries"
KEEPING = "an administrator keeps every department"
ELSEWHERE: dict[str, dict[str, str] | str] = {
    "GET /department/entries/<code>": READING,
    "POST /department/entries/<code>": {"answer": "改了", "action": "publish"},
    "POST /department/entries/<code>/withdraw": {"reason": "改了"},
    "POST /department/entries/new": {"answer": "改了", "action": "publish"},
    "POST /department/entries/<code>/<move>": {"reason": "改了"},
    "POST /department/entries/<code>/comments": {"comment": "改了"},
    "GET /department/entries/<code>/versions": READING,
    "GET /department/entries/<code>/versions/compare": READING,
    "GET /department/entries/<code>/versions/<number>": READING,
    "POST /department/entries/<code>/versions/<number>/restore": {},
    "POST /department/entries/<code>/checks": {},
    "POST /department/entries/<code>/checks/pass": {"reason": "改了"},
    "POST /department/entries/<code>/corrections": "every member of staff may report a fault",
    "GET /department/wording/suggested/<code>": {},
    "POST /department/wording/suggested/<code>/dismiss": {"text": "怎么办"},
    "GET /admin/departments/<department_id>": KEEPING,
    "POST /admin/departments/<department_id>": KEEPING,
    "POST /admin/departments/<department_id>/merge": KEEPING,
    "POST /admin/departments/<department_id>/close": KEEPING,
    "POST /admin/departments/<department_id>/reopen": KEEPING,
}

PARAMETER = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def routes(served: Served) -> set[str]:
    """Return each method and path of the app, parameters without their converters."""
    return {
        f"{method} " + PARAMETER.sub(r"<\1>", rule.rule)
        for rule in served.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def path_of(route: str) -> str:
    return PARAMETER.sub(lambda part: VALUES.get(part.group(1), NOTHING), route.partition(" ")[2])


def test_every_route_has_its_line(served: Served) -> None:
    found = routes(served)
    assert found - set(MATRIX) == set(), "say in MATRIX who may call these"
    assert set(MATRIX) - found == set(), "these are no longer there"
    named = {route for route in found if re.search("<code>|<department_id>", route)}
    assert named - set(ELSEWHERE) == set(), "say in ELSEWHERE what another department tries"
    assert set(ELSEWHERE) - found == set()


@pytest.mark.parametrize("letter", STAFF)
def test_each_role_comes_in_where_it_may_and_nowhere_else(
    served: Served, colleague: Callable[[str], Colleague], letter: str
) -> None:
    person = colleague(ACCOUNTS[letter])
    token = {"csrf_token": person.hidden("/account")["csrf_token"]}
    wrong = []
    for route, who in MATRIX.items():  # signing out stands last
        if who in {OPEN, CITIZEN, MONITOR}:
            continue
        method = route.partition(" ")[0]
        answer = person.client.open(
            path_of(route), method=method, data=token if method == "POST" else None
        )
        refused = answer.status_code == 403
        strange = answer.status_code >= 500 or (
            answer.status_code == 302
            and answer.location.startswith("/login")
            and route != "POST /logout"
        )
        if refused is (letter in who) or strange:
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("who", ["editor2", "reviewer2"])
def test_another_departments_people_change_nothing(
    served: Served, colleague: Callable[[str], Colleague], held: Services, who: str
) -> None:
    with held.database.read() as session:
        owner = department_named(session, "approval").id
        found = entry_coded(session, "hc-hall-01")
        assert found.published is not None
        category = found.published.category_id
    before = state(held)
    if who == "reviewer2":
        add_reviewer(served, held)
    person = colleague(who)
    filled = {
        "csrf_token": person.hidden("/account")["csrf_token"],
        "lock_version": str(before["lock_version"]),
        "department": str(owner),
        "standard_question": "别的部门改的？",
        "category": str(category),
        "audience": "个人",
    }
    for route, tried in ELSEWHERE.items():
        if isinstance(tried, dict):
            method = route.partition(" ")[0]
            data = filled | tried if method == "POST" else None
            answer = person.client.open(path_of(route), method=method, data=data)
            assert answer.status_code == 403, route
    assert state(held) == before
    assert "别的部门改的" not in person.client.get("/department?department=all").text


def state(held: Services) -> dict[str, Any]:
    with held.database.read() as session:
        found = entry_coded(session, "hc-hall-01")
        assert found.published is not None
        return {
            "content": content_of(found.published),
            "draft": found.draft,
            "lock_version": found.lock_version,
            "department": found.department_id,
        }


def add_reviewer(served: Served, held: Services) -> None:
    from knowledge.people.actor import Role, system
    from knowledge.people.service import add_user

    if "reviewer2" in served.passwords:
        return
    with held.database.write() as session:
        add_user(
            session,
            system(),
            username="reviewer2",
            display_name="刘审核",
            password="another-bureau-1",
            roles=[Role.REVIEWER],
            department=department_named(session, "industry"),
        )
    served.passwords["reviewer2"] = "another-bureau-1"
