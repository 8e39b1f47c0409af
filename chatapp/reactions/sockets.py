"""Reactions over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.reactions.schemas import ChangeReaction
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services

handlers = SocketHandlers()


@handlers.on("add_reaction")
def add_reaction(actor: User, asked: ChangeReaction) -> dict[str, Any]:
    message = services.reactions.add(actor, asked.room_id, asked.message_id, asked.emoji)
    return {"changes": message.changes}


@handlers.on("remove_reaction")
def remove_reaction(actor: User, asked: ChangeReaction) -> dict[str, Any]:
    message = services.reactions.remove(actor, asked.room_id, asked.message_id, asked.emoji)
    return {"changes": message.changes}
