"""The replies to a message that asks several things, each under its own question."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from embeddings.index import Decision
from knowledge.conversations.service import Draft, Sender
from knowledge.search.result import options_shown
from web.gateway import texts
from web.gateway.replies import from_search


def from_parts(
    session: Session, parts: Sequence[dict[str, Any]], left: Sequence[str]
) -> list[Draft]:
    """Return the replies: what is answered, then what is asked back, then what is unknown.

    The numbers of the options run on from one list to the next, so that a number means one.
    """
    lists = sum(part["decision"] == Decision.CLARIFY for part in parts)
    most = options_shown(lists)
    drafts = [
        _under(part["query"], from_search(session, part["hits"], part["decision"], most))
        for part in parts
    ]
    known = {
        decision: [draft for draft in drafts if draft.decision == decision] for decision in Decision
    }
    unknown = [draft.payload["asked"] for draft in known[Decision.NO_ANSWER]]
    found = known[Decision.ANSWER] + _numbered(known[Decision.CLARIFY])
    if unknown:
        found.append(_unknown(unknown))
    if left:
        found.append(Draft(Sender.BOT, texts.left(len(parts), left)))
    return found


def _under(question: str, draft: Draft) -> Draft:
    return replace(draft, payload=draft.payload | {"asked": question})


def _numbered(drafts: Sequence[Draft]) -> list[Draft]:
    numbered, first = [], 1
    for at, draft in enumerate(drafts, start=1):
        more = {"first_number": first, "more_lists": at < len(drafts)}
        numbered.append(replace(draft, payload=draft.payload | more))
        first += len(draft.payload["option_ids"])
    return numbered


def _unknown(questions: Sequence[str]) -> Draft:
    payload = {"asked": "；".join(questions), "contact": True}
    text = texts.NO_ANSWER_TO_PART if len(questions) == 1 else texts.NO_ANSWER_TO_PARTS
    return Draft(Sender.BOT, text, Decision.NO_ANSWER.value, payload)
