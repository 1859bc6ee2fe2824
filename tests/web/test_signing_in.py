"""Signing in: where it leads, what the cookie is worth, and when it ends."""

import pytest

from tests.conftest import Served
from tests.web.conftest import Colleague, own_address


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "javascript:alert(1)",
        "evil.example",
    ],
)
def test_signing_in_leads_to_no_other_site(served: Served, target: str) -> None:
    person = Colleague(served.app)
    person.client.get("/login")
    data = person.hidden("/login") | {
        "username": "operator",
        "password": served.passwords["operator"],
    }
    answer = person.client.post("/login", query_string={"next": target}, data=data)
    assert answer.status_code == 303
    assert answer.location == "/start"


def test_signing_in_leads_to_where_one_wanted_to_go(served: Served) -> None:
    person = Colleague(served.app)
    sent = person.client.get("/department/entries/hc-hall-01?from=list")
    password = served.passwords["operator"]
    assert person.sign_in("operator", password, sent.location).location == (
        "/department/entries/hc-hall-01?from=list"
    )
    again = person.client.get("/login?next=/desk/notes")  # signed in already
    assert again.location == "/desk/notes"


def test_the_cookie_is_for_the_server_alone(served: Served) -> None:
    person = Colleague(served.app)
    answer = person.sign_in("operator", served.passwords["operator"])
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("hotline=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_cookie_from_before_signing_in_opens_nothing(served: Served) -> None:
    person = Colleague(served.app)
    person.hidden("/login")
    planted = person.client.get_cookie("hotline")
    assert planted is not None
    person.sign_in("operator", served.passwords["operator"])
    thief = own_address(served.app)
    thief.set_cookie("hotline", planted.value)
    assert thief.get("/department").status_code == 302


def test_signing_in_again_ends_the_session_before(served: Served) -> None:
    person = Colleague(served.app)
    person.sign_in("operator", served.passwords["operator"])
    before = person.client.get_cookie("hotline")
    assert before is not None
    page = person.hidden("/department")
    data = page | {"username": "operator", "password": served.passwords["operator"]}
    assert person.client.post("/login", data=data).status_code == 303
    other = own_address(served.app)
    other.set_cookie("hotline", before.value)
    assert other.get("/department").status_code == 302
    assert person.client.get("/department").status_code == 200
