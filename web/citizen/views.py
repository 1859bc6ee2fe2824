"""The citizen's page."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from web.access import everyone
from web.api.search import frequent_questions
from web.services import services

blueprint = Blueprint("citizen", __name__)

VIEW_COOKIE = "view"
VIEWS = {"elder", "standard"}
YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/")
@everyone
def page() -> str:
    """The conversation."""
    settings = services().settings
    return render_template(
        "citizen/page.html",
        frequent=[question for _, question in frequent_questions()],
        elder=request.cookies.get(VIEW_COOKIE) == "elder",
        longest=settings.message_characters,
    )


@blueprint.get("/view/<name>")
@everyone
def view(name: str) -> Response:
    """Switch to the elder view or back, also without scripts; the browser remembers it."""
    response = make_response(redirect(url_for("citizen.page")))
    if name in VIEWS:
        response.set_cookie(VIEW_COOKIE, name, max_age=YEAR_SECONDS, samesite="Lax")
    return response
