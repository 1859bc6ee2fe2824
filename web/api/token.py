"""The token of a conversation, as the caller shows it."""

from flask import request

from knowledge.conversations.service import require_owner
from web.problems import ProblemError
from web.services import services


def require_conversation(conversation_id: str) -> None:
    """Make sure that the caller holds the conversation's token.

    Raises:
        ProblemError: 401, no bearer token was shown.
        NotFoundError: no such conversation, or another's.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError(401, "请在 Authorization 头里出示对话的凭据：Bearer <token>")
    with services().database.read() as session:
        require_owner(session, conversation_id, token.strip())
