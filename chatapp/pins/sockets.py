"""Pins over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.chat.schemas import AboutMessage
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services

handlers = SocketHandlers()


@handlers.on("pin_message")
def pin_message(actor: User, asked: AboutMessage) -> dict[str, Any]:
    message = services.pins.pin(actor, asked.room_id, asked.message_id)
    return {"message": message.public()}


@handlers.on("unpin_message")
def unpin_message(actor: User, asked: AboutMessage) -> dict[str, Any]:
    message = services.pins.unpin(actor, asked.room_id, asked.message_id)
    return {"message": message.public()}
