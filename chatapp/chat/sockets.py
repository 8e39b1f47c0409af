"""Messages over sockets."""

from typing import Any

from chatapp.auth.entities import User
from chatapp.chat.events import MessageChanged, MessageDeleted, MessageEvent, MessagePosted
from chatapp.chat.schemas import AboutMessage, EditMessage, PostMessage
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services
from chatapp.web import rows

handlers = SocketHandlers()


@handlers.on("post_message")
def post_message(actor: User, asked: PostMessage) -> dict[str, Any]:
    message = services.messages.post(
        actor, asked.room_id, asked.text, asked.client_id, asked.reply_to
    )
    return {"message": message.public()}


@handlers.on("edit_message")
def edit_message(actor: User, asked: EditMessage) -> dict[str, Any]:
    message = services.messages.edit(actor, asked.room_id, asked.message_id, asked.text)
    return {"message": message.public()}


@handlers.on("delete_message")
def delete_message(actor: User, asked: AboutMessage) -> dict[str, Any]:
    message = services.messages.delete(actor, asked.room_id, asked.message_id)
    return {"message": message.public()}


@handlers.tells(MessagePosted)
@handlers.tells(MessageChanged)
@handlers.tells(MessageDeleted)
def with_row(event: MessageEvent) -> dict[str, Any]:
    return {**event.payload(), "row": rows.message(event.message, event.names, event.extras)}
