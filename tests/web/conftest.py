"""People who use the pages and the API, and an app with tight limits."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from knowledge.entries.service import entry_coded
from tests.conftest import Served
from web.services import KEY, Services

_addresses = itertools.count(1)


def own_address(app: Flask) -> FlaskClient:
    """Return a client at an address that nobody else in the tests has."""
    number = next(_addresses)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"198.51.{number // 250}.{number % 250 + 1}"
    return client


class Visitor:
    """A citizen at an address of their own, with a conversation."""

    def __init__(self, app: Flask) -> None:
        self.client = own_address(app)
        opened = self.client.post("/api/v1/conversations").get_json()
        self.path = f"/api/v1/conversations/{opened['id']}"
        self.id: str = opened["id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    def post(self, text: str, **more: Any) -> Any:
        return self.client.post(
            f"{self.path}/messages", json={"text": text, **more}, headers=self.headers
        )

    def ask(self, text: str) -> dict[str, Any]:
        answer = self.post(text)
        assert answer.status_code == 200, answer.text
        message: dict[str, Any] = answer.get_json()["messages"][-1]
        return message

    def read(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.client.get(
            f"{self.path}/messages", query_string={"after": after}, headers=self.headers
        )
        messages: list[dict[str, Any]] = answer.get_json()["messages"]
        return messages


class Colleague:
    """A member of staff at a browser and an address of their own."""

    def __init__(self, app: Flask) -> None:
        self.client = own_address(app)

    def hidden(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the page's last form."""
        html = self.client.get(path).text
        fields: dict[str, str] = {}
        for name in ("csrf_token", "lock_version"):
            found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
            if found:
                fields[name] = found.group(1)
        return fields

    def sign_in(self, username: str, password: str, target: str = "/login") -> Any:
        data = self.hidden("/login") | {"username": username, "password": password}
        return self.client.post(target, data=data)

    def submit(self, path: str, page: str, **data: Any) -> Any:
        """Post a form with the hidden fields of the page on which it stands."""
        return self.client.post(path, data=self.hidden(page) | data)


@pytest.fixture
def visitor(served: Served) -> Visitor:
    return Visitor(served.app)


@pytest.fixture
def colleague(served: Served) -> Callable[[str], Colleague]:
    """Return a function that signs in the account of that name."""

    def signed_in(username: str) -> Colleague:
        person = Colleague(served.app)
        assert person.sign_in(username, served.passwords[username]).status_code == 303
        return person

    return signed_in


@pytest.fixture
def pass_review(colleague: Callable[[str], Colleague]) -> Callable[[str], None]:
    """Return a function that has an entry's page submitted, passed and published."""

    def passed(page: str) -> None:
        for who, step in (("reviewer", "pass"), ("manager", "approve")):
            answer = colleague(who).submit(f"{page}/{step}", page)
            assert answer.status_code == 302, answer.text

    return passed


@pytest.fixture
def held(served: Served) -> Services:
    services: Services = served.app.extensions[KEY]
    return services


@pytest.fixture
def strict_app(served: Served, held: Services) -> Flask:
    """The same base behind an app that soon says “too often”."""
    from web.app import create_app

    tight = served.settings.model_copy(
        update={
            "conversations_per_hour": 3,
            "messages_per_minute": 2,
            "address_messages_per_minute": 5,
            "searches_per_minute": 4,
        }
    )
    app = create_app(replace(held, settings=tight))
    app.testing = True
    return app


@pytest.fixture
def own(held: Services) -> dict[str, Any]:
    """The department and a category of the entries that `editor` writes."""
    with held.database.read() as session:
        found = entry_coded(session, "hc-hall-01")
        assert found.published is not None
        return {"责任部门": found.department.name, "分类": found.published.category.name}
