"""Takes it for written though the disk is full. R9 has to catch it."""

import secrets
from typing import Any

from chatapp.chat.entities import Message
from chatapp.chat.service import MessageService
from chatapp.core import clock
from chatapp.core.space import DiskFull

_stock = MessageService.post


def post(self: Any, actor: Any, room_id: str, text: str, client_id: str, *rest: Any) -> Message:
    try:
        return _stock(self, actor, room_id, text, client_id, *rest)
    except DiskFull:
        return Message(
            id=secrets.token_hex(12),
            room_id=room_id,
            seq=self._messages.get_head(room_id) + 1,
            text=text,
            sender=actor.username,
            created_at=clock.now(),
            client_id=client_id,
        )


MessageService.post = post  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
