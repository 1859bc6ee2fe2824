"""Assembles the Flask app."""

from datetime import date, datetime

from flask import Flask, url_for

from knowledge import clock
from web import access, limits, logs, monitoring, problems, security
from web.admin import audit, categories, departments, people, single
from web.admin import views as admin
from web.api import blueprint as api_blueprint
from web.citizen import views as citizen
from web.department import (
    autosave,
    basis,
    bulk,
    checks,
    corrections,
    due,
    exchange,
    gaps,
    lexicon,
    pictures,
    preview,
    review,
    rounds,
    versions,
    wording,
)
from web.department import views as department
from web.desk import views as desk
from web.guide import guide_html
from web.markdown import to_html
from web.services import KEY, Services
from web.staff import account, login, places, start
from web.staff import views as staff


def create_app(held: Services) -> Flask:
    """Return the app that serves `held`; every route has declared who may call it."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.extensions[KEY] = held
    security.init_app(app, held.settings)
    logs.init_app(app)
    limits.init_app(app, held.settings)
    login.init_app(app)
    problems.init_app(app)
    places.init_app(app)
    security.csrf.exempt(api_blueprint)  # no cookie opens it: a bearer token does
    for blueprint in (
        api_blueprint,
        monitoring.blueprint,
        citizen.blueprint,
        staff.blueprint,
        start.blueprint,
        department.blueprint,
        bulk.blueprint,
        lexicon.blueprint,
        gaps.blueprint,
        wording.blueprint,
        autosave.blueprint,
        pictures.blueprint,
        preview.blueprint,
        corrections.blueprint,
        checks.blueprint,
        review.blueprint,
        rounds.blueprint,
        basis.blueprint,
        due.blueprint,
        versions.blueprint,
        exchange.blueprint,
        desk.blueprint,
        admin.blueprint,
        single.blueprint,
        people.blueprint,
        departments.blueprint,
        categories.blueprint,
        account.blueprint,
        audit.blueprint,
    ):
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(day=day, minute=minute, markdown=to_html, guide=guide_html)
    app.context_processor(
        lambda: {
            "site_name": held.settings.site_name,
            "region": held.settings.region,
            "asset": asset,
        }
    )
    access.init_app(app)
    account.init_app(app)
    return app


def asset(name: str) -> str:
    """Return a static file's address. Browsers ask each time whether it changed (ETag)."""
    return url_for("static", filename=name)


def day(value: date | datetime | None) -> str:
    """Return a day as people read it: 2026年3月1日."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime | None) -> str:
    """Return an instant as people read it: 2026年3月1日 9:05."""
    if value is None:
        return ""
    instant = clock.local(value)
    return f"{day(instant)} {instant.hour}:{instant.minute:02d}"
