"""Sign in and out."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from knowledge.people.sessions import LoginError
from web import limits
from web.access import everyone, staff
from web.staff.login import back_or, begin, end

blueprint = Blueprint("staff", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """User name and password."""

    username = StringField("用户名")
    password = PasswordField("密码")


@blueprint.route("/login", methods=["GET", "POST"])
@everyone
@limits.logins_of_address
def sign_in() -> Response | tuple[str, int] | str:
    """The sign-in page."""
    home = url_for("start.home")
    if request.method == "GET" and current_user.is_authenticated:
        return back_or(home)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("staff/sign_in.html", form=form, problem=None)
    try:
        begin(form.username.data or "", form.password.data or "")
    except LoginError as error:
        return render_template("staff/sign_in.html", form=form, problem=str(error)), 401
    return back_or(home)


@blueprint.post("/logout")
@staff()
def sign_out() -> Response:
    """End the session."""
    end()
    return redirect(url_for("staff.sign_in"))  # type: ignore[return-value]
