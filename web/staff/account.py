"""One's own account: the password, the grants, the browsers that are signed in."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from knowledge.categories.tree import Tree as CategoryTree
from knowledge.errors import ContentError
from knowledge.people.account import (
    change_own_password,
    end_other_sessions,
    own_sessions,
    own_user,
)
from knowledge.people.actor import ROLE_NAMES
from knowledge.people.sessions import Limits, LoginError
from web import limits
from web.access import Audience, access_of, actor, staff
from web.services import services

blueprint = Blueprint("account", __name__, url_prefix="/account")

# What stays open to somebody who must choose a new password first.
OPEN = frozenset({"account.home", "account.password", "staff.sign_out"})


def init_app(app: Flask) -> None:
    """Lead who signed in with a password made by somebody else to choose another one."""

    def lead() -> Any:
        endpoint = request.endpoint
        access = access_of(app, endpoint) if endpoint else None
        if endpoint in OPEN or access is None or access.audience is not Audience.STAFF:
            return None
        if not current_user.is_authenticated or not actor().must_change_password:
            return None
        return redirect(url_for("account.home"))

    app.before_request(lead)


@blueprint.get("")
@blueprint.get("/")
@staff()
def home() -> str:
    """Show the account."""
    return _page({})


@blueprint.post("/password")
@staff()
@limits.logins_of_address
def password() -> Response | tuple[str, int]:
    """Change one's own password."""
    form = request.form
    new = form.get("password", "")
    try:
        if new != form.get("again", ""):
            raise ContentError({"again": "两次写的新密码不一样，请再写一次"})
        change_own_password(
            services().database, actor(), current_user.token, form.get("current", ""), new
        )
    except ContentError as error:
        return _page(error.problems), 422
    except LoginError as error:
        return _page({"current": str(error)}), 429
    flash("密码已修改，您在别处的登录都已结束。", "good")
    return redirect(url_for("account.home"))  # type: ignore[return-value]


@blueprint.post("/sessions/end")
@staff()
def end_sessions() -> Response:
    """Sign out everywhere else."""
    with services().database.write() as session:
        ended = end_other_sessions(session, actor(), current_user.token)
    flash(f"已结束 {ended} 处别的登录。" if ended else "没有别的登录。", "good")
    return redirect(url_for("account.home"))  # type: ignore[return-value]


def _page(problems: dict[str, str]) -> str:
    held = services()
    bounds = Limits(
        idle=timedelta(minutes=held.settings.session_idle_minutes),
        total=timedelta(hours=held.settings.session_hours),
    )
    with held.database.read() as session:
        return render_template(
            "staff/account.html",
            user=own_user(session, actor()),
            sessions=own_sessions(session, actor(), current_user.token, bounds),
            problems=problems,
            role_names=ROLE_NAMES,
            category_names={
                node.category.id: "/".join(node.path) for node in CategoryTree(session).nodes()
            },
        )
