"""The app with a `typing` event as long as it has none of its own. Goes when that is merged."""

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

import chatapp
from chatapp.auth.entities import User
from chatapp.chat.schemas import RoomId
from chatapp.core.events import Event, room_channel
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import services

handlers = SocketHandlers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Event):
    name: ClassVar[str] = "typing"
    room_id: str
    user: User

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.room_id),)

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room_id, **self.user.public()}


class SayTyping(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId


@handlers.on("typing")
def typing(actor: User, asked: SayTyping) -> dict[str, Any]:
    membership = services.access.member(actor, asked.room_id)
    services.bus.publish(Typing(room_id=membership.room_id, user=actor))
    return {}


if not any("typing" in feature.requests for feature in chatapp.SOCKET_HANDLERS):
    chatapp.SOCKET_HANDLERS = (*chatapp.SOCKET_HANDLERS, handlers)  # type: ignore[assignment]

from wsgi import app  # noqa: E402, F401 - built with the handlers above
