"""Messages over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.chat.events import MessagePosted
from chatapp.chat.schemas import PostMessage
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services
from chatapp.web import rows

handlers = SocketHandlers()


@handlers.on("post_message")
def post_message(actor: User, asked: PostMessage) -> dict[str, Any]:
    message = services.messages.post(actor, asked.room_id, asked.text, asked.client_id)
    return {"message": message.public()}


@handlers.tells(MessagePosted)
def message_posted(event: MessagePosted) -> dict[str, Any]:
    return {**event.payload(), "row": rows.message(event.message, event.sender_name)}
