"""Leaves out the first message that a client has missed. R5 has to catch it."""

from typing import Any

from chatapp.chat.repository import MessageRepository

_stock = MessageRepository.get_messages


def get_messages(
    self: Any, room_id: str, before: int | None = None, after: int | None = None, limit: int = 40
) -> Any:
    return _stock(self, room_id, before, after + 1 if after else after, limit)


MessageRepository.get_messages = get_messages  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
