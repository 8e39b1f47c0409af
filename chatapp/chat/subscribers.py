"""What happens to a room is told in its conversation, as a quiet line."""

from chatapp.chat.log import QuietLines
from chatapp.core.events import EventBus
from chatapp.rooms.events import (
    MemberRemoved,
    MembersJoined,
    RoomArchived,
    RoomKindChanged,
    RoomRenamed,
    RoomRestored,
    TopicChanged,
)


def subscribe(bus: EventBus, lines: QuietLines) -> None:
    def joined(told: MembersJoined) -> None:
        kind = "joined" if told.usernames == (told.by,) else "added"
        lines.note(told.room_id, kind, {"usernames": list(told.usernames)}, told.by)

    def removed(told: MemberRemoved) -> None:
        kind = "left" if told.username == told.by else "removed"
        lines.note(told.room_id, kind, {"usernames": [told.username]}, told.by)

    def renamed(told: RoomRenamed) -> None:
        lines.note(told.room.id, "renamed", {"name": told.room.name}, told.by)

    def topic_changed(told: TopicChanged) -> None:
        lines.note(told.room.id, "topic", {"topic": told.room.topic}, told.by)

    def kind_changed(told: RoomKindChanged) -> None:
        lines.note(told.room.id, "opened" if told.room.is_open else "closed", {}, told.by)

    def archived(told: RoomArchived) -> None:
        lines.note(told.room.id, "archived", {}, told.by)

    def restored(told: RoomRestored) -> None:
        lines.note(told.room.id, "restored", {}, told.by)

    bus.subscribe(MembersJoined, joined)
    bus.subscribe(MemberRemoved, removed)
    bus.subscribe(RoomRenamed, renamed)
    bus.subscribe(TopicChanged, topic_changed)
    bus.subscribe(RoomKindChanged, kind_changed)
    bus.subscribe(RoomArchived, archived)
    bus.subscribe(RoomRestored, restored)
