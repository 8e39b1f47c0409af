"""What a message shows of the one that it answers: never stored, so it follows each change."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.chat.entities import Extra, Message
from chatapp.chat.log import Names
from chatapp.chat.repository import MessageRepository


def quoting(messages: MessageRepository, names: Names) -> Extra:
    """Return the `Extra` that brings quotes, by one query for the originals and one for names."""

    def quotes(actor: User, answers: Sequence[Message]) -> Mapping[str, Any]:
        wanted = {answer.reply_to for answer in answers if answer.reply_to}
        if not wanted:
            return {}
        found = markdown.fresh(messages.get_messages_by_id(wanted))
        originals = {original.id: original for original in found}
        called = names({original.sender for original in found})
        return {
            answer.id: _quote(originals[answer.reply_to], called)
            for answer in answers
            if answer.reply_to in originals
        }

    return quotes


def _quote(original: Message, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": original.id,
        "seq": original.seq,
        "sender": original.sender,
        "sender_name": names.get(original.sender, original.sender),
        "line": markdown.line_of(original.html or ""),
        "is_deleted": original.is_deleted,
        "changes": original.changes,
    }
