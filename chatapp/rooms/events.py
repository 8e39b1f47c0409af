"""What happens to rooms and their members."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import EVERYBODY, Event, PersonalEvent, room_channel, user_channel
from chatapp.rooms.entities import Room, RoomMember


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCreated(Event):
    """Told to the first members, each by name."""

    name: ClassVar[str] = "room_created"
    room: Room
    usernames: tuple[str, ...]

    @property
    def audience(self) -> tuple[str, ...]:
        return tuple(user_channel(username) for username in self.usernames)

    def payload(self) -> dict[str, Any]:
        return {"room": self.room.public()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectMade(Event):
    """Told to no client: people hear of a direct conversation when it is opened for them."""

    name: ClassVar[str] = "direct_made"
    room: Room
    usernames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectOpened(PersonalEvent):
    """It stands in the side bar of one of its people, called as the others are."""

    name: ClassVar[str] = "direct_opened"
    room: Room
    """As that person sees it: its name is the title, its people are the others."""

    def payload(self) -> dict[str, Any]:
        return {"room": self.room.public()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectHidden(PersonalEvent):
    """It is out of the side bar of one of its people."""

    name: ClassVar[str] = "direct_hidden"
    room_id: str

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChanged(PersonalEvent):
    """What somebody wants to be told of in a room. Theirs alone."""

    name: ClassVar[str] = "level_changed"
    room_id: str
    level: str

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room_id, "level": self.level}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent(Event):
    """Told to the room."""

    room: Room
    by: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.room.id),)

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRenamed(RoomEvent):
    name: ClassVar[str] = "room_renamed"

    def payload(self) -> dict[str, Any]:
        return {"room": self.room.public()}


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChanged(RoomEvent):
    name: ClassVar[str] = "topic_changed"

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room.id, "topic": self.room.topic}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomKindChanged(RoomEvent):
    """Opened to everybody, or closed: from then on by invitation."""

    name: ClassVar[str] = "room_kind_changed"

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room.id, "is_open": self.room.is_open}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomArchived(RoomEvent):
    name: ClassVar[str] = "room_archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRestored(RoomEvent):
    name: ClassVar[str] = "room_restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryChanged(Event):
    """Told to everybody, without saying of which room: one that was closed is no longer theirs."""

    name: ClassVar[str] = "directory_changed"

    @property
    def audience(self) -> tuple[str, ...]:
        return (EVERYBODY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(Event):
    """Told to the room, and to the person wherever they are."""

    member: RoomMember
    display_name: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.member.room_id), user_channel(self.member.username))

    def payload(self) -> dict[str, Any]:
        room = {"id": self.member.room_id, "name": self.member.room_name}
        member = {**self.member.public(), "display_name": self.display_name}
        return {"room_id": self.member.room_id, "room": room, "member": member}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(MemberEvent):
    name: ClassVar[str] = "member_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersJoined(Event):
    """People came into a room, by one act: by themselves or added. Not who is new everywhere."""

    name: ClassVar[str] = "members_joined"
    room_id: str
    usernames: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(MemberEvent):
    """Made or unmade a room admin."""

    name: ClassVar[str] = "member_changed"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    """Left, or was removed."""

    name: ClassVar[str] = "member_removed"
    room_id: str
    username: str
    by: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (room_channel(self.room_id), user_channel(self.username))

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room_id, "username": self.username}
