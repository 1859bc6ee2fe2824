"""What gunicorn serves. The index opens beside serving, so that `/healthz` answers at once."""

import atexit

from flask import Flask

from knowledge.logs import configure
from knowledge.settings import load_settings
from web.app import create_app
from web.deadlines import watch_deadlines
from web.services import build_services, open_in_background


def make_app() -> Flask:
    """Return the app with its services, the index opening in the background."""
    settings = load_settings()
    configure(settings.log_level)
    held = build_services(settings)
    atexit.register(held.close)
    open_in_background(held)
    held.publisher.start()
    held.postman.start()
    held.imports.wake()
    watch_deadlines(held)
    return create_app(held)
