"""Flask-Login over the sessions that the database keeps."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, flash, request, session, url_for
from flask_login import LoginManager, UserMixin, login_user, logout_user

from knowledge.people.actor import Actor
from knowledge.people.sessions import Limits, actor_of, sign_in, sign_out
from web.problems import API_PREFIX, problem
from web.services import services

manager = LoginManager()


@dataclass(frozen=True, eq=False)
class StaffUser(UserMixin):  # type: ignore[misc]
    """A signed-in member of staff; `token` names the session, not the person."""

    token: str
    actor: Actor

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the cookie."""
        return self.token


def init_app(app: Flask) -> None:
    """Load staff from their sessions."""
    manager.init_app(app)
    manager.session_protection = None  # the server ends sessions; addresses change on Wi-Fi
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask_to_sign_in)


def begin(username: str, password: str) -> None:
    """Sign in: a new session under a new token, whatever the browser held before.

    Raises:
        LoginError: wrong, closed or throttled.
    """
    held = services()
    token = sign_in(held.database, username, password, address())
    if "_user_id" in session:
        sign_out(held.database, session["_user_id"])
    session.clear()
    user = _load(token)
    if user is not None:
        login_user(user)


def end() -> None:
    """Sign out here and at the server."""
    token = session.get("_user_id")
    if token:
        sign_out(services().database, token)
    logout_user()
    session.clear()


def address() -> str:
    """Return where the request comes from."""
    return (request.remote_addr or "")[:64]


def _load(token: str) -> StaffUser | None:
    held = services()
    limits = Limits(
        idle=timedelta(minutes=held.settings.session_idle_minutes),
        total=timedelta(hours=held.settings.session_hours),
    )
    actor = actor_of(held.database, token, limits, address())
    return StaffUser(token, actor) if actor else None


def _ask_to_sign_in() -> Response:
    if request.path.startswith(API_PREFIX):
        return problem(401, "请先登录")
    if request.method != "GET":
        flash("登录已过期，刚才的内容没有保存。请登录后返回上一页，再提交一次。", "bad")
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return Response(status=302, headers={"Location": url_for("staff.sign_in", next=target)})


def back_or(default: str) -> Response:
    """Go where the person wanted to go; only to a page of this site."""
    target = request.args.get("next", "")
    # Browsers drop tabs and line ends and read "\\" as "/": only plain paths are followed.
    plain = target.isprintable() and "\\" not in target
    inside = plain and target.startswith("/") and not target.startswith("//")
    return Response(status=303, headers={"Location": target if inside else default})
