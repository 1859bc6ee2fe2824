"""Conversations: open, send, read, erase; notes for the hotline; feedback."""

from knowledge.conversations.service import erase, messages_after, open_conversation
from knowledge.corrections.service import Report, forget, report_answer
from knowledge.corrections.wording import last_day
from knowledge.feedback.service import Verdict, rate
from knowledge.notes.service import leave
from web import limits
from web.access import citizen, everyone
from web.api.operations import Operation, blueprint, body, operation, query
from web.api.schemas import (
    AfterQuery,
    CorrectionTaken,
    Messages,
    MessageShape,
    NewCorrection,
    NewFeedback,
    NewMessage,
    NewNote,
    OpenedConversation,
    Taken,
)
from web.api.token import require_conversation
from web.gateway.service import Incoming
from web.services import services

CHANNEL = "web"
PATH = "/conversations/<conversation_id>"


@blueprint.post("/conversations")
@everyone
@limits.conversations_of_address
@operation(Operation("新建对话", OpenedConversation, status=201))
def open_one() -> OpenedConversation:
    """Open a conversation."""
    with services().database.write() as session:
        conversation_id, token = open_conversation(session, CHANNEL)
    return OpenedConversation(id=conversation_id, token=token)


@blueprint.post(f"{PATH}/messages")
@citizen
@limits.messages_of_address
@limits.messages_of_conversation
@operation(Operation("发一条消息，得到回答", Messages, body=NewMessage, needs_token=True))
def send(conversation_id: str) -> Messages:
    """Answer a message; the bot's replies are returned, not the message itself."""
    require_conversation(conversation_id)
    sent = body(NewMessage)
    stored = services().gateway.send(Incoming(conversation_id, CHANNEL, sent.text, sent.client_id))
    return Messages(messages=[MessageShape.of(message) for message in stored[1:]])


@blueprint.get(f"{PATH}/messages")
@citizen
@limits.searches_of_address
@operation(Operation("读取消息", Messages, query=AfterQuery, needs_token=True))
def read(conversation_id: str) -> Messages:
    """Return the messages of a conversation after a given one."""
    require_conversation(conversation_id)
    wanted = query(AfterQuery)
    with services().database.read() as session:
        stored = messages_after(session, conversation_id, wanted.after)
    return Messages(messages=[MessageShape.of(message) for message in stored])


@blueprint.delete(f"{PATH}/messages")
@citizen
@limits.writes_of_address
@operation(Operation("清除对话记录", Taken, needs_token=True))
def clear(conversation_id: str) -> Taken:
    """Erase a conversation's messages for good."""
    require_conversation(conversation_id)
    with services().database.write() as session:
        forget(session, conversation_id)
        erase(session, conversation_id)
    return Taken()


@blueprint.post(f"{PATH}/notes")
@citizen
@limits.writes_of_address
@operation(Operation("给热线留言", Taken, body=NewNote, status=201, needs_token=True))
def note(conversation_id: str) -> Taken:
    """Leave a note for the hotline."""
    require_conversation(conversation_id)
    sent = body(NewNote)
    held = services()
    with held.database.write() as session:
        leave(session, held.sealer, conversation_id, sent.text, sent.contact)
    return Taken()


@blueprint.post(f"{PATH}/corrections")
@citizen
@limits.writes_of_address
@limits.corrections_of_address
@operation(
    Operation(
        "对一个回答提出纠错", CorrectionTaken, body=NewCorrection, status=201, needs_token=True
    )
)
def correct(conversation_id: str) -> CorrectionTaken:
    """Say that an answer is not right; the outcome comes as a message."""
    require_conversation(conversation_id)
    sent = body(NewCorrection)
    said = Report(0, sent.kind, sent.text)
    held = services()
    with held.database.write() as session:
        taken = report_answer(session, held.settings, conversation_id, sent.message_id, said)
        return CorrectionTaken(due=last_day(taken.due_at))


@blueprint.post("/feedback")
@citizen
@limits.writes_of_address
@operation(Operation("评价一个回答", Taken, body=NewFeedback, status=201, needs_token=True))
def feedback() -> Taken:
    """Say whether an answer was useful."""
    sent = body(NewFeedback)
    require_conversation(sent.conversation_id)
    verdict = Verdict(sent.useful, sent.reason, sent.comment)
    with services().database.write() as session:
        rate(session, sent.conversation_id, sent.message_id, verdict)
    return Taken()
