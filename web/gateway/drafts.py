"""From what the bot said, in Rasa's REST shape, to messages."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.orm import Session

from knowledge.conversations.service import Draft, Sender
from web.gateway import texts
from web.gateway.replies import from_choice, from_search, handoff, no_answer
from web.gateway.several import from_parts

log = structlog.get_logger(__name__)


def drafts_of(session: Session, said: Sequence[dict[str, Any]]) -> list[Draft]:
    """Turn what the bot said into messages, at least one."""
    return [draft for reply in said for draft in _drafts(session, reply)] or [no_answer()]


def _drafts(session: Session, reply: dict[str, Any]) -> list[Draft]:
    custom = reply.get("custom")
    if not isinstance(custom, dict):
        return [Draft(Sender.BOT, reply["text"])]
    drafts: list[Draft] = []
    match custom.get("kind"):
        case "search":
            drafts.append(from_search(session, custom["hits"], custom["decision"]))
        case "asked":
            drafts += from_parts(session, custom["parts"], custom["left"])
        case "chosen":
            drafts.append(from_choice(session, custom["entry_id"]))
        case "none_of_these":
            drafts.append(no_answer(texts.NONE_OF_THESE))
        case "handoff":
            drafts.append(handoff())
        case "out_of_scope":
            pass  # for the log: what is said to chatter stands beside it
        case kind:
            log.warning("bot_reply_unknown", kind=str(kind)[:32])
    return drafts
