"""Who may call a route. Every route says so, or the app does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, request
from flask_login import current_user

from knowledge.people.actor import Actor, Right
from web.services import services

View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """Who a route is for."""

    EVERYONE = "everyone"
    CITIZEN = "citizen"  # holds the token of the conversation in the path: the view checks it
    STAFF = "staff"
    MONITOR = "monitor"  # a monitoring system in one of the networks that the settings name


@dataclass(frozen=True)
class Access:
    """The audience of a route, and the right that staff need."""

    audience: Audience
    right: Right | None = None


def everyone(view: View) -> View:
    """Declare: anybody may call this."""
    return declare(view, Access(Audience.EVERYONE))


def citizen(view: View) -> View:
    """Declare: only the citizen who holds the conversation's token."""
    return declare(view, Access(Audience.CITIZEN))


def monitor(view: View) -> View:
    """Declare: only monitoring systems."""
    return declare(view, Access(Audience.MONITOR))


def staff(right: Right | None = None) -> Callable[[View], View]:
    """Declare: only signed-in staff, who hold `right` where one is given."""

    def declared(view: View) -> View:
        return declare(view, Access(Audience.STAFF, right))

    return declared


def declare(view: View, access: Access) -> View:
    """Write the declaration onto the view."""
    cast("Any", view).access = access
    return view


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Return what an endpoint declares."""
    return getattr(app.view_functions[endpoint], "access", None)


def actor() -> Actor:
    """Return the member of staff who makes this request."""
    return cast("Actor", current_user.actor)


def init_app(app: Flask) -> None:
    """Enforce the declarations; call when all routes are there.

    Raises:
        RuntimeError: a route declares nothing.
    """
    for endpoint, view in app.view_functions.items():
        if endpoint == "static" or endpoint.endswith(".static"):
            declare(view, Access(Audience.EVERYONE))
    silent = [endpoint for endpoint in app.view_functions if access_of(app, endpoint) is None]
    if silent:
        raise RuntimeError(f"routes without declared access: {', '.join(sorted(silent))}")
    app.before_request(_enforce)


def _enforce() -> Any:
    if request.endpoint is None:
        return None  # no such page: the error handler answers
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(403)
    if access.audience is Audience.MONITOR and not _is_monitor():
        abort(403)
    if access.audience is Audience.STAFF:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        if access.right is not None and not actor().may(access.right):
            abort(403)
    return None


def _is_monitor() -> bool:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    networks = services().settings.metrics_networks.split(",")
    return any(address in ip_network(network.strip()) for network in networks)
