"""Headers that every response carries, CSRF protection, and the size of requests."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from knowledge.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])

MAX_BODY = 2 * 1024 * 1024
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    )
)

csrf = CSRFProtect()


def init_app(app: Flask, settings: Settings) -> None:
    """Set the app's keys, cookies, limits and headers."""
    app.config.update(
        SECRET_KEY=settings.secret("cookies"),
        SESSION_COOKIE_NAME="hotline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: nobody loses an hour's writing
    )
    app.before_request(_allow_upload)  # before the token is looked for in the body
    csrf.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.after_request(_headers)


def takes(most: int) -> Callable[[View], View]:
    """Declare: signed-in staff may send this view a body of up to `most` bytes."""

    def declared(view: View) -> View:
        cast("Any", view).most_bytes = most
        return view

    return declared


def _allow_upload() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_bytes", None)
    if most is not None and request.method == "POST" and current_user.is_authenticated:
        request.max_content_length = most


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    static = request.endpoint is not None and request.endpoint.split(".")[-1] == "static"
    if not static and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
