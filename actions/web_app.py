"""The SDK's web application, with our actions, a readiness check and a discreet error page."""

import traceback
from typing import Any

import structlog
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.response import HTTPResponse, json

from actions.handoff import ActionHandoff
from actions.options import ActionChooseOption, ActionNoneOfThese
from actions.reset import ActionReset
from actions.search import ActionSearch
from actions.timed_search import TimedSearch

log = structlog.get_logger(__name__)

REQUEST_BYTES = 2_000_000


class DiscreetErrors(ErrorHandler):
    """Answers and logs an error without the request: it carries the whole conversation.

    The SDK's own handler returns the tracker, which Rasa would then write to its log.
    """

    def default(
        self,
        request: Request,  # noqa: ARG002 - never looked at: it carries the conversation
        exception: Exception,
    ) -> HTTPResponse:
        """Return the status and the kind of error, nothing else."""
        status = exception.status_code if isinstance(exception, SanicException) else 500
        if status >= 500:
            frames = traceback.extract_tb(exception.__traceback__)[-8:]
            where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            log.error("action_failed", error=type(exception).__name__, where=where)
        return json({"error": type(exception).__name__}, status=status)


def build_executor(search: TimedSearch) -> ActionExecutor:
    """Return an executor that knows our actions."""
    executor = ActionExecutor()
    for action in (
        ActionSearch(search),
        ActionChooseOption(),
        ActionNoneOfThese(),
        ActionHandoff(),
        ActionReset(),
    ):
        executor.register_action(action)
    return executor


def build_app(search: TimedSearch) -> Sanic[Any, Any]:
    """Return the application: `/webhook`, `/health` (alive), `/ready` (index open)."""
    app: Sanic[Any, Any] = create_app(build_executor(search), cors_origins=[])
    app.error_handler = DiscreetErrors()
    app.config.REQUEST_MAX_SIZE = REQUEST_BYTES
    app.config.ACCESS_LOG = False

    @app.get("/ready")
    async def ready(_: Request) -> HTTPResponse:
        """Say whether questions can be answered."""
        if search.ready:
            return json({"status": "ready"})
        return json({"status": "loading"}, status=503)

    return app
