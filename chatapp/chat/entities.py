"""A message, before and after it is saved, and a page of a room's history."""

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
class Draft:
    """A message that nobody has saved yet."""

    text: str
    sender: str
    client_id: str | None = None
    """None: it is another one each time it is saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    message: Message
    is_new: bool
    """False: the first of its `client_id` was saved before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Part of a room's messages, oldest first."""

    messages: list[Message]
    head: int
    """The highest `seq` of the room, 0 while nobody has said anything."""

    def public(self) -> dict[str, object]:
        return {"messages": [message.public() for message in self.messages], "head": self.head}
