"""Serves the actions to Rasa, in one process, on the loopback address only.

HOTLINE_ACTIONS_PORT=5055 python -m actions.server
"""

import asyncio
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import structlog
from sanic import Sanic

from actions.timed_search import Searcher, TimedSearch
from actions.web_app import build_app
from knowledge import logs
from knowledge.database import Database
from knowledge.settings import Settings, SettingsError, load_settings

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
STOP_SECONDS = 0.2

OpenSearcher = Callable[[], AbstractContextManager[Searcher]]


def main() -> None:
    """Serve until SIGTERM; the exit code is 1 if search could not be opened."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure(settings.log_level)
    sys.exit(serve(settings.actions_port, lambda: opened(settings)))


@contextmanager
def opened(settings: Settings) -> Iterator[Searcher]:
    """Open the search service and its database; closes both at the end.

    Raises:
        EncoderError: a model is missing or cannot be used.
    """
    from knowledge.search.service import SearchService  # loads the encoders' libraries: seconds

    database = Database(settings.database)
    try:
        service = SearchService(settings, database)
        service.start()
        try:
            yield service
        finally:
            service.close()
    finally:
        database.close()


def serve(port: int, open_searcher: OpenSearcher) -> int:
    """Serve at `port`, opening search meanwhile; returns the exit code.

    `/health` answers at once, `/ready` and questions once search is open.
    """
    # Rasa 3.6.21 and rasa-sdk 3.21 are pinned and tested together; not a word per call.
    warnings.filterwarnings("ignore", message="Your versions of rasa and")
    search = TimedSearch()
    app = build_app(search)
    opening = _Opening(app, search, open_searcher)
    app.register_listener(opening.begin, "after_server_start")
    app.register_listener(opening.end, "before_server_stop")
    log.info("actions_starting", port=port)
    app.run(host=HOST, port=port, single_process=True, motd=False, access_log=False)
    log.info("actions_stopped", failed=opening.failed)
    return 1 if opening.failed else 0


class _Opening:
    """Opens search beside the running server, in a thread that does not outlive it."""

    def __init__(
        self, app: Sanic[Any, Any], search: TimedSearch, open_searcher: OpenSearcher
    ) -> None:
        self.failed = False
        self._app = app
        self._search = search
        self._open = open_searcher
        self._opened = ExitStack()
        self._ended = threading.Event()

    async def begin(self, _: Sanic[Any, Any]) -> None:
        """Start opening; building an index for the first time takes minutes."""
        loop = asyncio.get_running_loop()
        for wish in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wish, _beside, self._end_server, loop)
        _beside(self._open_in_thread, loop)
        log.info("search_opening")

    async def end(self, _: Sanic[Any, Any]) -> None:
        """Close what was opened."""
        self._ended.set()
        self._search.close()
        await asyncio.to_thread(self._opened.close)

    def _open_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            searcher = self._opened.enter_context(self._open())
        except Exception as error:  # noqa: BLE001 - whatever it was, say so and end
            log.critical("search_not_opened", error=type(error).__name__, reason=str(error))
            self.failed = True
            self._end_server(loop)
            return
        self._search.attach(searcher)
        log.info("search_opened")

    def _end_server(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask until it stops: Sanic loses a stop that comes while it is still starting."""
        while not self._ended.wait(STOP_SECONDS):
            loop.call_soon_threadsafe(self._app.stop)


def _beside(work: Callable[[asyncio.AbstractEventLoop], None], loop: Any) -> None:
    """Do `work` in a thread that the end of the process does not wait for."""
    threading.Thread(target=work, args=(loop,), daemon=True).start()


if __name__ == "__main__":
    main()
