"""What a message means when the bot has just asked “which one?”."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.conversations.models import Message
from web.gateway import texts


@dataclass(frozen=True)
class Choice:
    """Option `position` (from 0) with its entry; both are None for “none of these”."""

    position: int | None
    entry_id: int | None


def chosen(last: Sequence[Message], text: str) -> Choice | None:
    """Tell whether `text` picks from the lists in the bot's last messages: a label or a number.

    The numbers run on from one list to the next.
    """
    labels = [label for message in last for label in message.payload.get("options", ())]
    ids = [entry_id for message in last for entry_id in message.payload.get("option_ids", ())]
    if not ids:
        return None
    if text == texts.NONE_LABEL:
        return Choice(None, None)
    if text in labels:
        position = labels.index(text)
    elif re.fullmatch(r"[1-9１-９]", text) and int(text) <= len(ids):
        position = int(text) - 1
    else:
        return None
    return Choice(position, ids[position])


def to_rasa(text: str, choice: Choice | None) -> str:
    """Return what Rasa gets: the text without a command's slash, or one of our two commands."""
    if choice is None:
        return text.lstrip("/ \t\n") or "？"
    if choice.position is None:
        return "/none_of_these"
    return f'/choose_option{{"option_number": "{choice.position + 1}"}}'
