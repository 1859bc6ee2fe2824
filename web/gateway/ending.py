"""How a question ended, told to the log that knowledge gaps are found in."""

from dataclasses import replace

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
    """Log the searches behind a reply, and how each question ended that got no answer."""
    kinds = {(said.get("custom") or {}).get("kind"): said["custom"] for said in reply.said
             if isinstance(said.get("custom"), dict)}  # fmt: skip
    chatter = "out_of_scope" in kinds
    for searched in reply.searched:
        query_id = log_query(session, asked.channel, searched.query, searched).id
        if searched.decision is Decision.NO_ANSWER:
            part = replace(asked, text=searched.query)
            keep(session, part, Kind.OUT_OF_SCOPE if chatter else Kind.NO_ANSWER, query_id)
    for name, kind in ENDINGS.items():
        if name in kinds:
            keep(session, asked, kind, entry_id=kinds[name].get("entry_id"))
