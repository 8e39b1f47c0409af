"""What happens in a conversation."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.chat.entities import Message
from chatapp.core.events import Event, room_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Event):
    name: ClassVar[str] = "message_posted"
    message: Message
    sender_name: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.message.room_id),)

    def payload(self) -> dict[str, Any]:
        return {"message": self.message.public()}
