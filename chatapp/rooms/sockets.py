"""What browsers are told of rooms, with the rows that show it."""

from typing import Any

from flask import get_template_attribute

from chatapp.realtime.handlers import SocketHandlers
from chatapp.rooms.events import MemberAdded, MemberChanged, MemberEvent, RoomCreated

handlers = SocketHandlers()


@handlers.tells(RoomCreated)
def room_created(event: RoomCreated) -> dict[str, Any]:
    return {**event.payload(), "row": _room_row(event.room.id, event.room.name)}


@handlers.tells(MemberAdded)
def member_added(event: MemberAdded) -> dict[str, Any]:
    room_row = _room_row(event.member.room_id, event.member.room_name)
    return {**event.payload(), "row": _member_row(event), "room_row": room_row}


@handlers.tells(MemberChanged)
def member_changed(event: MemberChanged) -> dict[str, Any]:
    return {**event.payload(), "row": _member_row(event)}


def _room_row(room_id: str, room_name: str) -> str:
    row = get_template_attribute("rooms/_sidebar.html", "room_link")
    return str(row(room_id, room_name)).strip()


def _member_row(event: MemberEvent) -> str:
    row = get_template_attribute("chat/_members.html", "member")
    return str(row(event.member, event.display_name)).strip()
