"""Typing over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services
from chatapp.typing.schemas import SayTyping

handlers = SocketHandlers()


@handlers.hint("typing")
def typing(actor: User, asked: SayTyping) -> dict[str, Any]:
    services.typing.tell(actor, asked.room_id)
    return {}
