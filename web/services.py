"""What the web process holds: made once, handed to every view."""

import threading
from dataclasses import dataclass
from typing import cast

import structlog
from flask import current_app

from knowledge.database import Database
from knowledge.database.migrate import check
from knowledge.gaps.keeping import Keeper
from knowledge.imports.working import Worker
from knowledge.privacy.sealing import Sealer
from knowledge.reminders.postman import Postman
from knowledge.review.deadlines import Deadlines
from knowledge.review.schedule import Ticker
from knowledge.search.service import SearchService
from knowledge.settings import Settings
from web.admin.runner import Runner
from web.gateway.rasa import RasaClient
from web.gateway.service import Gateway

log = structlog.get_logger(__name__)

KEY = "hotline"


@dataclass(frozen=True)
class Services:
    """The process's database, search, gateway, keys, evaluations and planned publications."""

    settings: Settings
    database: Database
    search: SearchService
    rasa: RasaClient
    gateway: Gateway
    sealer: Sealer
    evaluations: Runner
    gaps: Keeper
    publisher: Ticker
    postman: Postman
    imports: Worker

    def close(self) -> None:
        """Let go of everything."""
        self.postman.close()
        self.imports.close()
        self.publisher.close()
        self.gaps.close()
        self.evaluations.close()
        self.search.close()
        self.rasa.close()
        self.database.close()


def build_services(settings: Settings) -> Services:
    """Connect to the database and make the services; the index is not open yet.

    Raises:
        SchemaError: the database is not of this release.
        EncoderError: a model is missing.
    """
    database = Database(settings.database)
    check(database)
    search = SearchService(settings, database)
    rasa = RasaClient(settings.rasa_url)
    return Services(
        settings=settings,
        database=database,
        search=search,
        rasa=rasa,
        gateway=Gateway(settings, database, search, rasa),
        sealer=Sealer(settings),
        evaluations=Runner(database, search),
        gaps=Keeper(database, search),
        publisher=Ticker(database),
        postman=Postman(database, settings),
        imports=Worker(
            database, Deadlines(settings.department_review_days, settings.hotline_review_days)
        ),
    )


def open_in_background(services: Services) -> threading.Thread:
    """Open the index beside serving: `/healthz` answers at once, `/readyz` when it is done."""
    thread = threading.Thread(target=services.search.start, name="index-opener", daemon=True)
    thread.start()
    services.gaps.start()
    return thread


def services() -> Services:
    """Return the services of the app that handles this request."""
    return cast("Services", current_app.extensions[KEY])
