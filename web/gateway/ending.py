"""How a question ended, told to the log that knowledge gaps are found in."""

from sqlalchemy.orm import Session

from embeddings.index import Decision
from knowledge.outcomes.service import Asked, Kind, keep
from knowledge.queries.service import log_query
from web.gateway.bot import BotReply

ENDINGS = {
    "chosen": Kind.CHOSEN,
    "none_of_these": Kind.NONE_OF_THESE,
    "handoff": Kind.HANDOFF,
}


def note_ending(session: Session, asked: Asked, reply: BotReply) -> None:
    """Log the search behind a reply, and how the question ended if it got no answer from it."""
    query_id = None
    kinds = {(said.get("custom") or {}).get("kind"): said["custom"] for said in reply.said
             if isinstance(said.get("custom"), dict)}  # fmt: skip
    if reply.searched is not None:
        query_id = log_query(session, asked.channel, asked.text, reply.searched).id
        if reply.searched.decision is Decision.NO_ANSWER:
            chatter = "out_of_scope" in kinds
            keep(session, asked, Kind.OUT_OF_SCOPE if chatter else Kind.NO_ANSWER, query_id)
    for name, kind in ENDINGS.items():
        if name in kinds:
            keep(session, asked, kind, entry_id=kinds[name].get("entry_id"))
