"""Pictures of answers: staff upload them, everybody sees them."""

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from knowledge.errors import ContentError
from knowledge.people.actor import Right
from knowledge.pictures.service import PICTURE_BYTES, add_picture, picture_named
from web.access import actor, everyone, staff
from web.services import services

blueprint = Blueprint("pictures", __name__)

KEPT_SECONDS = 365 * 24 * 3600  # a picture's address is its content's hash: it never changes


@blueprint.post("/department/pictures")
@staff(Right.EDIT_ENTRIES)
def upload() -> tuple[Response, int]:
    """Keep a picture and return its address."""
    sent = request.files.get("file")
    content = b""
    if sent is not None:
        content = sent.stream.read(PICTURE_BYTES + 1)
        sent.close()
    try:
        with services().database.write() as session:
            picture = add_picture(session, actor(), content)
            address = url_for("pictures.picture", name=picture.hash)
            size = {"width": picture.width, "height": picture.height}
    except ContentError as error:
        return jsonify(detail=str(error)), 422
    return jsonify(address=address, **size), 201


@blueprint.get("/pictures/<name>")
@everyone
def picture(name: str) -> Response:
    """Return a picture; nothing in it can run, even when it is opened by itself."""
    with services().database.read() as session:
        found = picture_named(session, name[:64])
        response = make_response(found.content)
        response.content_type = found.media_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}, immutable"
    response.set_etag(name[:64])
    response.make_conditional(request)
    return response
