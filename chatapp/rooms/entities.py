"""A room and its members."""

from dataclasses import dataclass
from datetime import datetime

from chatapp.core.clock import iso

EVERYTHING, MENTIONS, NOTHING = LEVELS = ("everything", "mentions", "nothing")
"""What somebody wants to be told of in a room; with `nothing` it is muted and counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    id: str
    name: str
    created_at: datetime
    created_by: str
    is_open: bool = False
    """Anybody finds it in the directory and joins; the others are by invitation."""
    is_archived: bool = False
    """Nobody writes in it any more, until it is restored."""
    topic: str = ""
    """What it is about, in a line; empty where nobody has said so."""
    people: tuple[str, ...] = ()
    """The usernames of those between whom a direct conversation is, for ever; else none."""

    @property
    def is_direct(self) -> bool:
        return bool(self.people)

    @property
    def title(self) -> str:
        return title_of(self.name, is_direct=self.is_direct)

    @property
    def listed(self) -> "RoomName":
        return RoomName(self.id, self.name, self.is_open, self.is_archived, self.people)

    def public(self) -> dict[str, object]:
        people: dict[str, object] = {"people": list(self.people)} if self.people else {}
        return {"id": self.id, "name": self.name, **people}


def title_of(name: str, *, is_direct: bool) -> str:
    """Return how a room is spoken of: a direct conversation is called as its people are."""
    return name if is_direct else f"#{name}"


@dataclass(frozen=True, slots=True)
class RoomName:
    """A room in a list: no more of it, as somebody may be in a thousand."""

    room_id: str
    room_name: str
    is_open: bool = False
    is_archived: bool = False
    people: tuple[str, ...] = ()
    is_hidden: bool = False
    level: str = EVERYTHING

    @property
    def is_muted(self) -> bool:
        return self.level == NOTHING

    @property
    def is_direct(self) -> bool:
        return bool(self.people)


@dataclass(frozen=True, slots=True)
class Listed:
    """An open room in the directory."""

    room: Room
    members: int
    last_at: datetime | None
    """When something was last said or done in it."""

    def public(self) -> dict[str, object]:
        return {
            **self.room.public(),
            "topic": self.room.topic,
            "members": self.members,
            "last_at": self.last_at and iso(self.last_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMember:
    room_id: str
    username: str
    room_name: str
    is_room_admin: bool
    added_at: datetime
    added_by: str
    is_open: bool = False
    is_archived: bool = False
    people: tuple[str, ...] = ()
    is_hidden: bool = False
    """Whether a direct conversation is out of their side bar, until the next message."""
    level: str = EVERYTHING
    """One of `LEVELS`. Nobody else's business."""

    @property
    def is_direct(self) -> bool:
        return bool(self.people)

    @property
    def title(self) -> str:
        return title_of(self.room_name, is_direct=self.is_direct)

    @property
    def listed(self) -> RoomName:
        return RoomName(self.room_id, self.room_name, self.is_open, self.is_archived, self.people)

    def public(self) -> dict[str, object]:
        return {"username": self.username, "is_room_admin": self.is_room_admin}
