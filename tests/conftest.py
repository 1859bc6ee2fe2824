"""A seeded base and the web app over it, shared by the tests of a session."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.settings import Settings


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty base with this release's tables."""
    opened = Database(f"sqlite:///{tmp_path / 'base.db'}")
    upgrade(opened)
    yield opened
    opened.close()


@dataclass(frozen=True)
class Served:
    """The app over a seeded base, and the passwords of its accounts."""

    app: Flask
    settings: Settings
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole web process, in this process; Rasa is not there, so retrieval answers."""
    from web.app import create_app
    from web.services import build_services
    from web.serving.prepare import prepare_base
    from web.serving.stack import free_ports

    home = tmp_path_factory.mktemp("home")
    ports = free_ports(3)
    settings = Settings(
        home=home,
        port=ports[0],
        rasa_port=ports[1],
        actions_port=ports[2],
        conversations_per_hour=10_000,
        address_messages_per_minute=10_000,
        messages_per_minute=10_000,
        searches_per_minute=10_000,
    )
    accounts = prepare_base(settings, lambda _: None)
    held = build_services(settings)
    held.search.start()
    app = create_app(held)
    app.testing = True
    yield Served(app, settings, {account.username: account.password for account in accounts})
    held.close()
    shutil.rmtree(home, ignore_errors=True)
