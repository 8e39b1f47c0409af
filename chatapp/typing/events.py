"""What is told while somebody writes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import Event, room_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Event):
    name: ClassVar[str] = "typing"
    room_id: str
    username: str
    display_name: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.room_id),)

    def payload(self) -> dict[str, Any]:
        return {
            "room_id": self.room_id,
            "username": self.username,
            "display_name": self.display_name,
        }
