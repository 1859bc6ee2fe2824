"""Every route, one by one: who may call it, and what others are told."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.routing import Rule

from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from tests.conftest import Served
from tests.web.conftest import Colleague, Visitor, own_address
from web.access import Audience, access_of
from web.services import Services

VALUES = {
    "code": "hc-hall-01", "note_id": "1", "conversation_id": "0" * 32, "name": "elder",
    "evaluation_id": "1", "kind": "xlsx", "item_id": "1", "user_id": "1",
    "department_id": "1", "category_id": "1", "gap_id": "1",
    "move": "emergency", "number": "1", "correction_id": "1", "filter_id": "1", "what": "forget",
    "round_id": "1", "job_id": "1", "which": "words",
}  # fmt: skip

# What is open to the world, in full: a new route must be thought about here.
OPEN = {
    "/", "/view/<name>", "/pictures/<name>", "/login", "/healthz", "/readyz",
    "/static/<path:filename>", "/api/v1/docs/assets/<path:name>",
    "/api/v1/search", "/api/v1/suggest", "/api/v1/frequent", "/api/v1/conversations",
    "/api/v1/openapi.json", "/api/v1/docs",
}  # fmt: skip

PARAMETER = re.compile(r"<(?:[^:>]+:)?(\w+)>")


def rules(served: Served, audience: Audience) -> list[tuple[str, Rule]]:
    found = []
    for rule in served.app.url_map.iter_rules():
        access = access_of(served.app, rule.endpoint)
        assert access is not None, f"{rule.rule} declares nothing"
        if access.audience is audience:
            path = PARAMETER.sub(lambda part: VALUES[part.group(1)], rule.rule)
            found.append((path, rule))
    return found


def test_nothing_else_is_open_to_the_world(served: Served) -> None:
    audience = {
        rule.rule
        for rule in served.app.url_map.iter_rules()
        if (access := access_of(served.app, rule.endpoint)) and access.audience is Audience.EVERYONE
    }
    assert {PARAMETER.sub("<>", rule) for rule in audience} == {
        PARAMETER.sub("<>", rule) for rule in OPEN
    }


def test_a_stranger_is_sent_to_the_sign_in_page_from_every_staff_route(served: Served) -> None:
    pages = rules(served, Audience.STAFF)
    assert len(pages) >= 9
    for path, rule in pages:
        for method in (rule.methods or set()) & {"GET", "POST"}:
            client = own_address(served.app)
            form = Colleague(served.app)
            form.client = client
            data = form.hidden("/login") if method == "POST" else None
            answer = client.open(path, method=method, data=data)
            assert answer.status_code == 302, f"{method} {path}"
            assert answer.location.startswith("/login"), f"{method} {path}"


def test_every_route_for_citizens_asks_for_their_token(served: Served) -> None:
    routes = rules(served, Audience.CITIZEN)
    assert len(routes) >= 5
    verdict = {"conversation_id": "0" * 32, "message_id": 1, "useful": True}
    for path, rule in routes:
        for method in (rule.methods or set()) & {"GET", "POST", "DELETE"}:
            body: Any = None
            if method == "POST":
                body = verdict if path.endswith("feedback") else {"text": "a"}
            answer = own_address(served.app).open(path, method=method, json=body)
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.content_type == "application/problem+json"


def test_numbers_for_monitoring_stay_inside(served: Served) -> None:
    for path, _ in rules(served, Audience.MONITOR):
        assert own_address(served.app).get(path).status_code == 403
        forged = own_address(served.app).get(path, headers={"X-Forwarded-For": "127.0.0.1"})
        assert forged.status_code == 403
        inside = served.app.test_client().get(path)
        assert inside.status_code == 200


def test_every_form_wants_its_token(
    served: Served, colleague: Callable[[str], Colleague], held: Services
) -> None:
    manager = colleague("manager")
    posts = [
        (path, rule)
        for path, rule in rules(served, Audience.STAFF)
        if "POST" in (rule.methods or set())
    ]
    assert len(posts) >= 7
    for path, _ in posts:
        for data in ({}, {"csrf_token": "made-up"}):
            answer = manager.client.post(path, data=data)
            assert answer.status_code in {400, 200}, path
            if answer.status_code == 200:  # the form is shown again, and nothing was saved
                assert path == "/department/entries/new"
    assert manager.client.get("/department").status_code == 200  # still signed in
    with held.database.read() as session:
        entry = entry_coded(session, "hc-hall-01")
        assert entry.published is not None
        assert entry.draft is None


# Every form of the department's page and of the desk, tried by who has no business there.
FORMS = {
    "/department/entries/hc-hall-01": {"answer": "改了", "action": "submit"},
    "/department/entries/hc-hall-01/withdraw": {"reason": "改了"},
    "/department/entries/new": {"answer": "改了", "action": "submit"},
    "/department/entries/hc-hall-01/submit": {},
    "/department/entries/hc-hall-01/pass": {},
    "/department/entries/hc-hall-01/approve": {},
    "/department/entries/hc-hall-01/emergency": {"reason": "改了"},
    "/department/entries/hc-hall-01/archive": {"reason": "改了"},
    "/department/entries/hc-hall-01/confirm": {},
    "/department/entries/hc-hall-01/comments": {"comment": "改了"},
    "/department/entries/hc-hall-01/versions/1/restore": {},
    "/desk/notes/1/contact": {},
    "/desk/notes/1/close": {"outcome": "改了"},
    "/admin/evaluation": {"name": "改了"},
}
MAY_NOT = {
    "editor2": set(FORMS) - {"/department/entries/new"},
    "editor": {path for path in FORMS if path.endswith(("pass", "approve", "emergency", "confirm"))}
    | {"/desk/notes/1/contact", "/desk/notes/1/close", "/admin/evaluation"},
    "reviewer": {path for path in FORMS if path.endswith(("approve", "emergency"))}
    | {"/desk/notes/1/contact", "/desk/notes/1/close", "/admin/evaluation"},
    "operator": {path for path in FORMS if not path.startswith("/desk")},
    "admin": set(FORMS) - {"/admin/evaluation"},
}


@pytest.mark.parametrize("who", sorted(MAY_NOT))
def test_who_has_no_business_there_is_refused_and_nothing_changes(
    served: Served, colleague: Callable[[str], Colleague], held: Services, who: str
) -> None:
    with held.database.read() as session:
        published = entry_coded(session, "hc-hall-01").published
        assert published is not None
        category = published.category_id
        before = content_of(published)
        lock = entry_coded(session, "hc-hall-01").lock_version
    person = colleague(who)
    filled = {
        "lock_version": str(lock),
        "standard_question": "别的部门改的？",
        "category": str(category),
        "audience": "个人",
    }
    token = {"csrf_token": person.hidden("/department")["csrf_token"]}
    for path in MAY_NOT[who]:
        answer = person.client.post(path, data=token | filled | FORMS[path])
        assert answer.status_code == 403, path
        assert "没有权限" in answer.text
        assert 'href="' in answer.text  # there is a way back
    with held.database.read() as session:
        entry = entry_coded(session, "hc-hall-01")
        assert entry.published is not None
        assert content_of(entry.published) == before
        assert entry.draft is None


def test_an_editor_cannot_write_an_entry_for_another_department(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    with held.database.read() as session:
        entry = entry_coded(session, "hc-hall-01")
        assert entry.published is not None
        owner, category = entry.department_id, entry.published.category_id
    clerk = colleague("editor2")
    answer = clerk.submit(
        "/department/entries/new",
        "/department/entries/new",
        department=str(owner),
        standard_question="替别的部门写的？",
        answer="不行。",
        category=str(category),
        audience="个人",
        action="submit",
    )
    assert answer.status_code == 403
    assert "替别的部门写的" not in clerk.client.get("/department?department=all").text


def test_unknown_pages_and_methods_are_told_in_the_callers_way(served: Served) -> None:
    client = own_address(served.app)
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")
    assert "没有这个页面" in page.text
    program = client.get("/api/v1/nowhere")
    assert program.status_code == 404
    assert program.content_type == "application/problem+json"
    wrong = client.put("/api/v1/search")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]
    assert wrong.get_json()["status"] == 405


def test_every_answer_of_every_kind_carries_the_guarding_headers(
    served: Served, visitor: Visitor, colleague: Callable[[str], Colleague]
) -> None:
    client = own_address(served.app)
    signed_in = colleague("operator")
    answers = {
        "page": client.get("/"),
        "staff": signed_in.client.get("/department"),
        "redirect": client.get("/department"),
        "api": client.get("/api/v1/frequent"),
        "api error": client.get("/api/v1/search"),
        "no page": client.get("/nowhere"),
        "no method": client.put("/"),
        "too large": client.post("/login", data=b"a" * (3 * 2**20)),
    }
    for name, answer in answers.items():
        headers = answer.headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], name
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Cache-Control"] == "no-store", name
    assert answers["too large"].status_code == 413
    secure = client.get("/", base_url="https://localhost")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_pages_hold_no_script_and_no_style_of_their_own(
    served: Served, colleague: Callable[[str], Colleague]
) -> None:
    manager = colleague("manager")
    for path in ("/", "/department", "/department/entries/new", "/department/entries/hc-hall-01",
                 "/department/tasks", "/department/entries/hc-hall-01/versions",
                 "/department/entries/hc-hall-01/versions/1", "/desk/notes",
                 "/admin/evaluation", "/nowhere", "/api/v1/docs"):  # fmt: skip
        html = manager.client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", html), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", html), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html), path
