"""A room and its members."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    id: str
    name: str
    created_at: datetime
    created_by: str
    is_open: bool = False
    """Open rooms take in every new account; the others are by invitation."""
    topic: str = ""
    """What it is about, in a line; empty where nobody has said so."""

    def public(self) -> dict[str, object]:
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class RoomName:
    """A room in a list: no more of it, as somebody may be in a thousand."""

    room_id: str
    room_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMember:
    room_id: str
    username: str
    room_name: str
    is_room_admin: bool
    added_at: datetime
    added_by: str

    def public(self) -> dict[str, object]:
        return {"username": self.username, "is_room_admin": self.is_room_admin}
