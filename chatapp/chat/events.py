"""What happens in a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from chatapp.chat.entities import Message
from chatapp.core.events import Event, room_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """Told to the room, with what a row of the message shows."""

    message: Message
    names: Mapping[str, str]
    """Display names by username, of `message.people`."""
    extras: Mapping[str, Any] = field(default_factory=dict)
    """What hangs on it, by the name of each `Extra`."""

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.message.room_id),)

    def payload(self) -> dict[str, Any]:
        return {"message": {**self.message.public(), **self.extras}}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(MessageEvent):
    name: ClassVar[str] = "message_posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(MessageEvent):
    """It, or what hangs on it, is other than it was."""

    name: ClassVar[str] = "message_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(MessageEvent):
    """Its words are gone from everywhere; its place stays."""

    name: ClassVar[str] = "message_deleted"
    by: str

    def payload(self) -> dict[str, Any]:
        message = self.message
        return {
            "id": message.id,
            "room_id": message.room_id,
            "seq": message.seq,
            "changes": message.changes,
        }
