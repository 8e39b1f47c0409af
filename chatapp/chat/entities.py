"""A message, and a page of a room's history."""

from dataclasses import dataclass
from datetime import datetime

from chatapp.core.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: str
    room_id: str
    seq: int
    """1, 2, 3 … in its room, without gaps: the one order everybody sees."""
    text: str
    sender: str
    created_at: datetime
    client_id: str
    """Chosen by the browser; makes a retry harmless."""

    def public(self) -> dict[str, object]:
        return {
            "id": self.id,
            "room_id": self.room_id,
            "seq": self.seq,
            "text": self.text,
            "sender": self.sender,
            "created_at": iso(self.created_at),
            "client_id": self.client_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Part of a room's messages, oldest first."""

    messages: list[Message]
    head: int
    """The highest `seq` of the room, 0 while nobody has said anything."""

    def public(self) -> dict[str, object]:
        return {"messages": [message.public() for message in self.messages], "head": self.head}
