"""One line in the log for each request."""

import time

import structlog
from flask import Flask, Response, g, request


def init_app(app: Flask) -> None:
    """Log each request: its route (not its address line, which may hold a question)."""
    log = structlog.get_logger("web.request")

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _finish(response: Response) -> Response:
        took = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        log.info(
            "request",
            route=request.url_rule.rule if request.url_rule else None,
            method=request.method,
            status=response.status_code,
            took_ms=round(took, 1),
        )
        return response
