"""What browsers are told of rooms, with the rows that show it."""

from typing import Any

from chatapp.realtime.handlers import SocketHandlers
from chatapp.rooms.events import (
    DirectOpened,
    MemberAdded,
    MemberChanged,
    MemberEvent,
    RoomCreated,
    RoomKindChanged,
    RoomRestored,
)
from chatapp.web import rows

handlers = SocketHandlers()


@handlers.tells(RoomCreated)
def room_created(event: RoomCreated) -> dict[str, Any]:
    return {**event.payload(), "row": rows.room_link(event.room.listed)}


@handlers.tells(DirectOpened)
def direct_opened(event: DirectOpened) -> dict[str, Any]:
    return {**event.payload(), "row": rows.direct_link(event.room.listed)}


@handlers.tells(RoomKindChanged)
def room_kind_changed(event: RoomKindChanged) -> dict[str, Any]:
    return {**event.payload(), "room_row": rows.room_link(event.room.listed)}


@handlers.tells(RoomRestored)
def room_restored(event: RoomRestored) -> dict[str, Any]:
    return {**event.payload(), "room_row": rows.room_link(event.room.listed)}


@handlers.tells(MemberAdded)
def member_added(event: MemberAdded) -> dict[str, Any]:
    room_row = rows.room_link(event.member.listed)
    return {**event.payload(), "row": _member_row(event), "room_row": room_row}


@handlers.tells(MemberChanged)
def member_changed(event: MemberChanged) -> dict[str, Any]:
    return {**event.payload(), "row": _member_row(event)}


def _member_row(event: MemberEvent) -> str:
    return rows.member(event.member, event.display_name)
