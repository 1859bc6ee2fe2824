"""Routes for monitoring systems: alive, ready, numbers."""

from typing import Any

import httpx
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from web import metrics
from web.access import everyone, monitor
from web.services import Services, services

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/healthz")
@everyone
def healthz() -> Response:
    """Say that the process serves."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@everyone
def readyz() -> tuple[Response, int]:
    """Say whether index and bot can answer: 200, or 503 with what is missing."""
    parts = readiness(services())
    ready = all(parts.values())
    far = services().search.indexing
    told = {"indexing": {"done": far.done, "total": far.total}} if far else {}
    status = "ready" if ready else "not ready"
    return jsonify(status=status, **parts, **told), 200 if ready else 503


@blueprint.get("/metrics")
@monitor
def numbers() -> Response:
    """Prometheus' exposition format."""
    search = services().search
    metrics.REVISION.set(search.replica.revision)
    metrics.BEHIND.set(search.seconds_behind)
    metrics.ENTRIES.set(len(search.replica.catalogue))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def readiness(held: Services) -> dict[str, Any]:
    """Return which parts can answer."""
    return {
        "index": held.search.ready,
        "rasa": held.rasa.alive(),
        "actions": _actions_ready(held.settings.actions_url),
    }


def _actions_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
