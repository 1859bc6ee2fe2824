"""The JSON API `/api/v1`."""

from web.api import conversations, openapi, search
from web.api.operations import blueprint

__all__ = ["blueprint", "conversations", "openapi", "search"]
