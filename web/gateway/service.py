"""The one gateway through which every channel's messages go."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from knowledge.conversations.models import Message
from knowledge.conversations.service import (
    Draft,
    Sender,
    add_message,
    end_turn,
    last_replies,
    message_sent_as,
    replies_to,
    take_turn,
)
from knowledge.database import Database
from knowledge.errors import ConflictError, ContentError
from knowledge.outcomes.service import Asked
from knowledge.privacy.hidden import visible
from knowledge.privacy.redaction import redact
from knowledge.search.service import SearchService
from knowledge.settings import Settings
from web import metrics
from web.gateway import texts
from web.gateway.bot import Bot, BotReply
from web.gateway.choices import Choice, chosen
from web.gateway.drafts import drafts_of
from web.gateway.ending import note_ending
from web.gateway.rasa import RasaClient
from web.gateway.turns import BusyError, Turns

LEASE_MARGIN_SECONDS = 5.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Incoming:
    """A citizen's message as the channel received it.

    `client_id` is the channel's own name for the message: one that is sent again
    under the same name is answered once.
    """

    conversation_id: str
    channel: str
    text: str
    client_id: str | None = None


@dataclass(frozen=True)
class Begun:
    """A turn that began: the stored message, what it picks, the replies that it has already."""

    sent: Message
    choice: Choice | None = None
    said: Sequence[Message] = ()


class Gateway:
    """Checks, redacts, orders and answers messages."""

    def __init__(
        self, settings: Settings, database: Database, search: SearchService, rasa: RasaClient
    ) -> None:
        self._settings = settings
        self._database = database
        self._bot = Bot(rasa, search, settings.reply_seconds)
        self._turns = Turns()
        self._lease = timedelta(seconds=settings.reply_seconds + LEASE_MARGIN_SECONDS)

    def send(self, incoming: Incoming) -> Sequence[Message]:
        """Answer a message; returns it and the replies, all stored.

        Raises:
            ContentError: empty, or too long.
            BusyError: messages of this conversation wait already.
            ConflictError: the conversation was erased while the answer was on its way.
        """
        text = visible(incoming.text).strip()
        problem = texts.message_problem(text, self._settings)
        if problem:
            raise ContentError({"text": problem})
        clean = redact(text).text
        patience = self._settings.reply_seconds * 2
        with (
            metrics.TURN_SECONDS.time(),
            self._turns.turn(incoming.conversation_id, patience),
        ):
            return self._answer(incoming, clean, time.monotonic() + patience)

    def _answer(self, incoming: Incoming, text: str, until: float) -> Sequence[Message]:
        holder = secrets.token_hex(8)
        begun = self._begin(incoming, text, holder)
        while begun is None:
            if time.monotonic() > until:
                raise BusyError("上一条消息还在处理，请稍等一下再发")
            time.sleep(POLL_SECONDS)
            begun = self._begin(incoming, text, holder)
        if begun.said:
            return [begun.sent, *begun.said]
        finished = False
        try:
            reply = self._bot.ask(incoming.conversation_id, text, begun.choice)
            said = self._finish(incoming, begun.sent, reply, holder)
            finished = True
        finally:
            if not finished:
                with self._database.write() as session:
                    end_turn(session, incoming.conversation_id, holder)
        return [begun.sent, *said]

    def _begin(self, incoming: Incoming, text: str, holder: str) -> Begun | None:
        """Take the turn and store the message in one transaction; None while another holds it."""
        conversation_id = incoming.conversation_id
        with self._database.write() as session:
            if not take_turn(session, conversation_id, holder, self._lease):
                return None
            sent = None
            if incoming.client_id:
                sent = message_sent_as(session, conversation_id, incoming.client_id)
            said = replies_to(session, sent.id) if sent else ()
            if sent is not None and said:
                end_turn(session, conversation_id, holder)
                return Begun(sent, said=said)
            choice = chosen(last_replies(session, conversation_id), text)
            if sent is None:
                draft = Draft(Sender.CITIZEN, text, client_id=incoming.client_id)
                sent = add_message(session, conversation_id, draft)
            return Begun(sent, choice)

    def _finish(
        self, incoming: Incoming, sent: Message, reply: BotReply, holder: str
    ) -> Sequence[Message]:
        """Store the replies and give the turn back in one transaction."""
        with self._database.write() as session:
            if session.get(Message, sent.id) is None:
                raise ConflictError("对话记录刚刚清除了，这个问题没有保留；需要的话请再问一次")
            drafts = drafts_of(session, reply.said)
            asked = Asked(incoming.conversation_id, incoming.channel, sent.id, sent.text)
            note_ending(session, asked, reply)
            stored = [
                add_message(session, incoming.conversation_id, draft, reply_to=sent.id)
                for draft in drafts
            ]
            end_turn(session, incoming.conversation_id, holder)
        for decision in [draft.decision for draft in drafts if draft.decision] or ["dialogue"]:
            metrics.DECISIONS.labels(decision).inc()
        return stored
