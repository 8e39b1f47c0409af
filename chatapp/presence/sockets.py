"""Presence over sockets: a sign of oneself. How others are is told by `realtime/presence.py`."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.presence.schemas import SayPresent
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services

handlers = SocketHandlers()


@handlers.hint("present")
def present(actor: User, asked: SayPresent) -> dict[str, Any]:
    services.presence.sign(actor, asked.idle_seconds)
    return {}
