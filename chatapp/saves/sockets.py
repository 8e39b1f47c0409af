"""Saving over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.chat.schemas import AboutMessage
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services

handlers = SocketHandlers()


@handlers.on("save_message")
def save_message(actor: User, asked: AboutMessage) -> dict[str, Any]:
    services.saves.save(actor, asked.room_id, asked.message_id)
    return {}


@handlers.on("unsave_message")
def unsave_message(actor: User, asked: AboutMessage) -> dict[str, Any]:
    services.saves.unsave(actor, asked.room_id, asked.message_id)
    return {}
