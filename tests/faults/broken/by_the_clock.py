"""Gives history in the order of the clock. R12 has to catch it."""

from typing import Any

from bson import ObjectId

from chatapp.chat import repository
from chatapp.chat.entities import Message


def get_messages(
    self: Any, room_id: str, before: int | None = None, after: int | None = None, limit: int = 40
) -> list[Message]:
    wanted = {"room_id": ObjectId(room_id), "seq": {"$gt": after or 0}}
    found = self._messages.find(wanted).sort("created_at", 1).limit(limit)
    return [repository._to_message(document) for document in found]


repository.MessageRepository.get_messages = get_messages  # type: ignore[method-assign]

from tests.faults.stepping import app  # noqa: E402, F401 - after the change above
