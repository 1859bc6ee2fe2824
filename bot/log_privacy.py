# mypy: ignore-errors
"""Keeps what citizens write out of Rasa's log.

Rasa logs the message with every failed turn, and its tracebacks carry local
variables. Of an event only its name, ids and numbers pass; of an exception, its
type and the lines of code it went through.
"""

import logging
import sys
import traceback
from typing import Any

import rasa.utils.log_utils

from bot.incompatible import IncompatibleRasaError

PASSING_KEYS = frozenset({"event", "event_info", "level", "sender_id", "action", "action_name"})


def without_texts(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: reduce `event` to what may be written down."""
    passed = {
        key: value
        for key, value in event.items()
        if key in PASSING_KEYS or isinstance(value, bool | int | float)
    }
    if "event" not in passed:
        passed["event"] = "unnamed"
    passed.pop("exc_info", None)
    error = _error_of(event.get("exc_info")) or sys.exc_info()[1]
    if error is not None:
        passed["error"] = type(error).__name__
        passed["where"] = _lines_of(error)
    passed["exc_info"] = False  # keeps the next processor from adding the traceback
    return passed


class DiscreetRecord(logging.LogRecord):
    """A record of Python's logging that names an exception and where it came from.

    A whole traceback is a page for every message while the action server is away, and
    an exception's own words may quote the message.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        error = _error_of(self.exc_info)
        if error is not None:
            cause = error.__cause__ or error.__context__
            named = [type(each).__name__ for each in (error, cause) if each is not None]
            place = _lines_of(error)[-1:]
            self.msg = f"{self.getMessage()} [{' <- '.join(named)} at {''.join(place)}]"
            self.args = None
            self.exc_info = None


def silence_texts() -> None:
    """Make every structlog event of Rasa pass through `without_texts`, and no traceback out.

    To be called before Rasa configures its logging.

    Raises:
        IncompatibleRasaError: Rasa has no such processor (another version is installed).
    """
    if not callable(getattr(rasa.utils.log_utils, "_anonymizer", None)):
        raise IncompatibleRasaError("rasa.utils.log_utils._anonymizer")
    rasa.utils.log_utils._anonymizer = without_texts
    logging.setLogRecordFactory(DiscreetRecord)


def _error_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and len(given) == 3:
        return given[1]
    return None


def _lines_of(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
