"""Rows of lists. A macro gives every reader the same row, so each is made once and kept.

Whoever opens a room finds most of what was made for the one who did before.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup, escape

from chatapp.chat.entities import Message
from chatapp.rooms.entities import RoomMember, RoomName
from chatapp.web.dress import Look

KEPT = 10_000
"""Of each kind, those that were asked for last. A message with its row takes about 2 kB."""
_NOTHING: Mapping[str, Any] = {}


def message(
    message: Message,
    names: Mapping[str, str],
    extras: Mapping[str, Any] = _NOTHING,
    look: Look | None = None,
) -> Markup:
    """Of `names` only those that the row shows matter, and of `extras` all: they are plain JSON."""
    shown = tuple((one, names.get(one, one)) for one in sorted(message.people))
    return _message(message, shown, json.dumps(extras) if extras else "", look)


@lru_cache(KEPT)
def _message(
    message: Message, names: tuple[tuple[str, str], ...], extras: str, look: Look | None
) -> Markup:
    hanging = json.loads(extras) if extras else {}
    return _made("chat/_message.html", "message", message, dict(names), hanging, look)


def avatar(username: str, display_name: str) -> Markup:
    return _made("_avatar.html", "avatar", username, display_name)


@lru_cache(KEPT)
def member(member: RoomMember, display_name: str, state: str = "unknown") -> Markup:
    return _made("chat/_members.html", "member", member, display_name, state)


def members(
    people: Iterable[RoomMember], names: Mapping[str, str], states: Mapping[str, str]
) -> Markup:
    return _lines(
        member(one, names.get(one.username, one.username), states.get(one.username, "offline"))
        for one in people
    )


@lru_cache(KEPT)
def room_link(room: RoomName, is_current: bool = False) -> Markup:
    return _made("rooms/_sidebar.html", "room_link", room, is_current)


@lru_cache(KEPT)
def direct_link(room: RoomName, state: str = "unknown", is_current: bool = False) -> Markup:
    return _made("rooms/_sidebar.html", "direct_link", room, state, is_current)


def direct_links(
    rooms: Iterable[RoomName], states: Mapping[str, str], current_room_id: str = ""
) -> Markup:
    return _lines(
        direct_link(room, states.get(room.people[0], "offline"), room.room_id == current_room_id)
        for room in rooms
    )


def room_links(rooms: Iterable[RoomName], current_room_id: str = "") -> Markup:
    return _lines(room_link(room, room.room_id == current_room_id) for room in rooms)


def forget() -> None:
    """Make them anew: the templates may be others."""
    for kept in (_message, member, room_link, direct_link):
        kept.cache_clear()


def _made(template: str, macro: str, *args: Any) -> Markup:
    """Whatever the row shows has to be in `args`: it is found again by their value."""
    row: Markup = get_template_attribute(template, macro)(*args).strip()
    return row


def _lines(rows: Iterable[Markup]) -> Markup:
    return escape("\n").join(rows)  # which escapes whatever is no markup
