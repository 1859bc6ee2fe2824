# mypy: ignore-errors
"""Applies what the launcher replaces in Rasa and reports how it behaves."""

import json
import logging
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.quiet import prepare

SECRET = "我的身份证丢了"
EVENTS = [{"event": "slot", "name": "options", "value": [1, 2]}]


def validation() -> dict[str, Any]:
    """Check good and bad answers, and a Rasa without the method."""
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    from bot.action_result import compile_validation
    from bot.incompatible import IncompatibleRasaError

    compile_validation()
    action = RemoteAction("action_search", None)
    started = time.perf_counter()
    good = [action._validate_action_result({"events": EVENTS, "responses": []}) for _ in range(100)]
    milliseconds = (time.perf_counter() - started) * 10
    try:
        action._validate_action_result({"events": [{"name": "no event"}], "responses": "none"})
        refused = False
    except ValidationError:
        refused = True
    try:
        compile_validation(type("OtherRasa", (), {}))
        message = ""
    except IncompatibleRasaError as error:
        message = str(error)
    return {"good": all(good), "refused": refused, "ms": milliseconds, "message": message}


def logs() -> dict[str, Any]:
    """Log as Rasa does when a turn fails; return what came out."""
    import structlog
    from rasa.utils.log_utils import configure_structlog

    from bot.log_privacy import silence_texts

    silence_texts()
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    configure_structlog(logging.INFO)
    try:
        fail(SECRET)
    except ValueError:
        structlog.get_logger("rasa.test").exception("rest.message.received.failure", text=SECRET)
        logging.getLogger("rasa.test").exception("turn failed")
    structlog.get_logger("rasa.test").info("processor.slots.log", slot_values=SECRET, turns=3)
    return {"lines": lines}


def fail(message: str) -> None:
    """Raise an error that quotes the message."""
    raise ValueError(f"cannot read {message}")


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        prepare(Path(scratch))
        facts = {"validation": validation(), "logs": logs()}
    print(json.dumps(facts, ensure_ascii=False))  # noqa: T201 - read by the test
