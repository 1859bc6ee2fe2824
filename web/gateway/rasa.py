"""The client of Rasa's REST channel; nobody else speaks to Rasa."""

import threading
import time
from typing import Any

import httpx

CONNECT_SECONDS = 0.5
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 5.0


class RasaError(Exception):
    """Rasa gave no usable reply; `reason` is a short word for logs and metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RasaClient:
    """Sends a message and returns what the bot says.

    After three failures in a row Rasa is left alone for five seconds, so that
    citizens do not each wait for the deadline while it is stuck.
    """

    def __init__(self, base_url: str) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        self._client = httpx.Client(base_url=base_url, limits=limits, trust_env=False)
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, sender: str, message: str, seconds: float) -> list[dict[str, Any]]:
        """Return Rasa's replies to `message`, a non-empty list.

        Raises:
            RasaError: no reply in `seconds`, an error, or an empty list (which
                is how Rasa answers when its action server failed).
        """
        with self._lock:
            if time.monotonic() < self._closed_until:
                raise RasaError("left_alone")
        try:
            replies = self._post(sender, message, seconds)
        except RasaError:
            self._count_failure()
            raise
        with self._lock:
            self._failures = 0
        return replies

    def alive(self) -> bool:
        """Tell whether Rasa answers; it listens only once its model is loaded."""
        try:
            return self._client.get("/", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    def _post(self, sender: str, message: str, seconds: float) -> list[dict[str, Any]]:
        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            response = self._client.post(
                "/webhooks/rest/webhook",
                json={"sender": sender, "message": message},
                timeout=timeout,
            )
            response.raise_for_status()
            replies = response.json()
        except httpx.TimeoutException as error:
            raise RasaError("timeout") from error
        except httpx.HTTPError as error:
            raise RasaError("unreachable") from error
        except ValueError as error:
            raise RasaError("not_json") from error
        if not isinstance(replies, list) or not replies:
            raise RasaError("empty")
        if not all(isinstance(reply, dict) for reply in replies):
            raise RasaError("not_json")
        return replies

    def _count_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._failures = 0
                self._closed_until = time.monotonic() + OPEN_SECONDS
