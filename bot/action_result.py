# mypy: ignore-errors
"""Checks an action server's answer with a schema compiled once.

Rasa compiles the schema anew at every action call, which took 80 % of a turn.
"""

from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction

from bot.incompatible import IncompatibleRasaError

METHOD = "_validate_action_result"
SPECIFICATION = "action_response_format_spec"


def compile_validation(action_class: type[RemoteAction] = RemoteAction) -> None:
    """Replace the per-call check of `action_class` by a compiled one.

    Raises:
        IncompatibleRasaError: Rasa has no such method (another version is installed).
    """
    for name in (METHOD, SPECIFICATION):
        if not callable(getattr(action_class, name, None)):
            raise IncompatibleRasaError(f"RemoteAction.{name}")
    schema = action_class.action_response_format_spec()
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(_: RemoteAction, result: dict[str, Any]) -> bool:
        """Return True for a valid answer; raises jsonschema.ValidationError otherwise."""
        validator.validate(result)
        return True

    setattr(action_class, METHOD, validate)
