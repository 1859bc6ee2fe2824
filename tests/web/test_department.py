"""The department's page: a clerk writes, publishes, withdraws; others may not."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from knowledge.people.actor import Role, system
from knowledge.people.service import add_user
from tests.conftest import Served
from tests.waiting import within_a_second
from web.services import KEY, Services


class Clerk:
    """A member of staff at a browser."""

    def __init__(self, served: Served, username: str) -> None:
        self.client: FlaskClient = served.app.test_client()
        self.username = username
        self.password = served.passwords[username]

    def form(self, path: str) -> dict[str, str]:
        """Return a page's hidden fields."""
        html = self.client.get(path).text
        names = ("csrf_token", "lock_version")
        return {
            name: found.group(1)
            for name in names
            if (found := re.search(rf'name="{name}"[^>]*value="([^"]*)"', html))
        }

    def sign_in(self, password: str | None = None, target: str = "/login") -> Any:
        data = self.form("/login") | {
            "username": self.username,
            "password": password or self.password,
        }
        return self.client.post(target, data=data)

    def post(self, path: str, form_of: str | None = None, **data: Any) -> Any:
        return self.client.post(path, data=self.form(form_of or path) | data)


@pytest.fixture
def sign_in(served: Served) -> Callable[[str], Clerk]:
    def signed_in(username: str) -> Clerk:
        clerk = Clerk(served, username)
        assert clerk.sign_in().status_code == 303
        return clerk

    return signed_in


def entry(**changed: Any) -> dict[str, Any]:
    """Return the fields of an entry about something that the seed does not know."""
    return {
        "standard_question": "海沧湾公园几点关门？",
        "similar_questions": "公园晚上开到几点\n海沧湾公园开放时间",
        "answer": "公园全天开放。",
        "spoken_answer": "公园全天开放。",
        "category": "",
        "audience": ["个人"],
        "valid_from": "",  # as a browser sends what was left empty
        "valid_until": "",
        "action": "submit",
    } | changed


def category_of(clerk: Clerk) -> str:
    html = clerk.client.get("/department/entries/new").text
    found = re.search(r'<option value="(\d+)">12345热线/热线服务', html)
    assert found
    return found.group(1)


def search(served: Served, text: str) -> list[dict[str, Any]]:
    found = served.app.test_client().get("/api/v1/search", query_string={"q": text})
    results: list[dict[str, Any]] = found.get_json()["results"]
    return results


def test_nothing_of_the_staff_opens_without_signing_in(served: Served) -> None:
    client = served.app.test_client()
    for path in ("/department", "/department/entries/new", "/department/entries/hc-hall-01",
                 "/desk/notes"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/login")


def test_every_route_declares_who_may_call_it(served: Served) -> None:
    undeclared = [name for name, view in served.app.view_functions.items()
                  if not hasattr(view, "access")]  # fmt: skip
    assert undeclared == []


def test_wrong_passwords_are_refused_then_throttled(served: Served) -> None:
    held: Services = served.app.extensions[KEY]
    with held.database.write() as session:
        add_user(
            session,
            system("test"),
            username="forgetful",
            display_name="忘性大",
            password="long-enough-1",
            roles=[Role.OPERATOR],
            department=None,
        )
    served.passwords["forgetful"] = "long-enough-1"
    clerk = Clerk(served, "forgetful")
    for _ in range(5):
        assert "用户名或密码不对" in clerk.sign_in("wrong-password").text
    assert "次数太多" in clerk.sign_in().text


def test_signing_in_rotates_and_signing_out_ends_the_session(served: Served) -> None:
    clerk = Clerk(served, "manager")
    clerk.client.get("/login")
    before = clerk.client.get_cookie("hotline")
    clerk.sign_in()
    after = clerk.client.get_cookie("hotline")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    clerk.post("/logout", "/department")
    clerk.client.set_cookie("hotline", after.value)
    assert clerk.client.get("/department").status_code == 302


def test_signing_in_leads_only_to_this_site(served: Served) -> None:
    for target in ("//evil.example", "https://evil.example", "/\\evil.example",
                   "/%09/evil.example", "/%0A/evil.example", "/%5Cevil.example"):  # fmt: skip
        clerk = Clerk(served, "operator")
        assert clerk.sign_in(target=f"/login?next={target}").location == "/start"


def test_a_clerk_writes_changes_and_withdraws_and_others_publish(
    served: Served, sign_in: Callable[[str], Clerk], pass_review: Callable[[str], None]
) -> None:
    clerk = sign_in("editor")
    category = category_of(clerk)
    made = clerk.post("/department/entries/new", **entry(category=category))
    assert made.status_code == 302
    path = made.location
    code = path.rsplit("/", 1)[1]

    def found(answer: str) -> bool:
        hits = search(served, "海沧湾公园几点关门")
        return bool(hits) and hits[0]["entry_id"] == code and hits[0]["answer"] == answer

    assert not within_a_second(lambda: found("公园全天开放。"))  # nor is what waits for a review
    pass_review(path)
    assert within_a_second(lambda: found("公园全天开放。"))
    draft = entry(category=category, answer="公园夜里十点关门。", action="draft")
    clerk.post(path, **draft)
    assert not within_a_second(lambda: found("公园夜里十点关门。"))  # a draft is not served
    clerk.post(path, **entry(category=category, answer="公园夜里十点关门。"))
    pass_review(path)
    assert within_a_second(lambda: found("公园夜里十点关门。"))
    refused = clerk.client.post(f"{path}/withdraw", data=clerk.form(path) | {"reason": ""})
    assert refused.status_code == 302
    assert found("公园夜里十点关门。")
    clerk.client.post(f"{path}/withdraw", data=clerk.form(path) | {"reason": "有误"})
    assert within_a_second(
        lambda: code not in {hit["entry_id"] for hit in search(served, "海沧湾公园几点关门")}
    )
    assert "有误" in clerk.client.get(path).text


def test_a_wrong_form_keeps_what_was_typed(sign_in: Callable[[str], Clerk]) -> None:
    clerk = sign_in("editor")
    answer = clerk.post(
        "/department/entries/new",
        **entry(standard_question="", valid_from="2026-02-30", category="999999"),
    )
    assert answer.status_code == 422
    assert "请按 2026-03-01" in answer.text
    assert "公园全天开放。" in answer.text


def test_another_department_reads_and_changes_nothing(
    served: Served, sign_in: Callable[[str], Clerk]
) -> None:
    clerk = sign_in("editor2")
    path = "/department/entries/hc-hall-01"
    page = clerk.client.get(path)
    assert "不能修改" in page.text
    token = clerk.form("/department")
    category = category_of(clerk)
    for target, data in (
        (path, entry(category=category, lock_version="1")),
        (f"{path}/withdraw", {"lock_version": "1", "reason": "x"}),
    ):
        assert clerk.client.post(target, data=token | data).status_code == 403
    assert "已发布" in clerk.client.get(path).text


@pytest.mark.parametrize("who", ["operator", "admin"])
def test_who_does_not_edit_cannot(sign_in: Callable[[str], Clerk], who: str) -> None:
    clerk = sign_in(who)
    assert clerk.client.get("/department/entries/hc-hall-01").status_code == 200
    assert clerk.client.get("/department/entries/new").status_code == 403
    token = clerk.form("/department")
    assert clerk.client.post("/department/entries/hc-hall-01", data=token).status_code == 403


def test_without_its_token_a_form_changes_nothing(sign_in: Callable[[str], Clerk]) -> None:
    clerk = sign_in("editor")
    answer = clerk.client.post("/department/entries/hc-hall-01/withdraw", data={"reason": "x"})
    assert answer.status_code == 400
    assert "已发布" in clerk.client.get("/department/entries/hc-hall-01").text


def test_the_second_of_two_people_is_told_and_loses_nothing(
    sign_in: Callable[[str], Clerk],
) -> None:
    first, second = sign_in("editor"), sign_in("manager")
    path = "/department/entries/hc-hall-07"
    category = category_of(first)
    mine, theirs = first.form(path), second.form(path)
    saved = entry(category=category, standard_question="导办由谁负责（甲）？", action="draft")
    assert first.client.post(path, data=mine | saved).status_code == 302
    late = entry(category=category, standard_question="导办由谁负责（乙）？", action="draft")
    told = second.client.post(path, data=theirs | late)
    assert told.status_code == 409
    assert "导办由谁负责（甲）？" in told.text
    assert "导办由谁负责（乙）？" in told.text
    fresh = re.search(r'name="lock_version"[^>]*value="(\d+)"', told.text)
    assert fresh
    again = second.client.post(path, data=theirs | late | {"lock_version": fresh.group(1)})
    assert again.status_code == 302


def test_operators_handle_notes_and_reading_a_number_is_recorded(
    served: Served, sign_in: Callable[[str], Clerk]
) -> None:
    client = served.app.test_client()
    opened = client.post("/api/v1/conversations").get_json()
    client.post(
        f"/api/v1/conversations/{opened['id']}/notes",
        json={"text": "请回电", "contact": "13700001111"},
        headers={"Authorization": f"Bearer {opened['token']}"},
    )
    clerk = sign_in("operator")
    page = clerk.client.get("/desk/notes").text
    assert "137****1111" in page
    assert "13700001111" not in page
    number = re.findall(r'id="note-(\d+)"', page)[-1]
    shown = clerk.post(f"/desk/notes/{number}/contact", "/desk/notes")
    assert "13700001111" in shown.text
    held = served.app.extensions[KEY]
    with held.database.read() as session:
        from knowledge.audit.service import history

        assert history(session, f"note:{number}")[0].action == "contact_read"
    assert sign_in("editor").client.get("/desk/notes").status_code == 403
