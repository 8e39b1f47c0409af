"""Which events are kept, and what of each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatapp.audit.entities import Entry
from chatapp.audit.repository import AuditRepository
from chatapp.auth import events as auth
from chatapp.chat import events as chat
from chatapp.core.events import Event, EventBus
from chatapp.rooms import events as rooms

About = dict[str, object]

KEPT: dict[type[Event], Callable[[Any], tuple[str, About]]] = {
    auth.WorkspaceCreated: lambda e: (e.founder.username, {}),
    auth.SignedUp: lambda e: (e.user.username, {}),
    auth.SignedIn: lambda e: (e.username, {}),
    auth.SignInFailed: lambda e: (e.username, {}),
    auth.PasswordChanged: lambda e: (e.username, {}),
    auth.Renamed: lambda e: (e.username, {"display_name": e.display_name}),
    auth.InviteRenewed: lambda e: (e.by, {}),
    auth.UserDeactivated: lambda e: (e.by, {"username": e.username}),
    auth.UserActivated: lambda e: (e.by, {"username": e.username}),
    auth.SiteAdminChanged: lambda e: (
        e.by,
        {"username": e.username, "is_site_admin": e.is_site_admin},
    ),
    rooms.RoomCreated: lambda e: (
        e.room.created_by,
        {"room_id": e.room.id, "usernames": list(e.usernames)},
    ),
    rooms.RoomRenamed: lambda e: (e.by, {"room_id": e.room.id}),
    rooms.TopicChanged: lambda e: (e.by, {"room_id": e.room.id}),
    rooms.RoomKindChanged: lambda e: (
        e.by,
        {"room_id": e.room.id, "is_open": e.room.is_open},
    ),
    rooms.RoomArchived: lambda e: (e.by, {"room_id": e.room.id}),
    rooms.RoomRestored: lambda e: (e.by, {"room_id": e.room.id}),
    rooms.MemberAdded: lambda e: (
        e.member.added_by,
        {"room_id": e.member.room_id, "username": e.member.username},
    ),
    rooms.MemberChanged: lambda e: (
        e.by,
        {
            "room_id": e.member.room_id,
            "username": e.member.username,
            "is_room_admin": e.member.is_room_admin,
        },
    ),
    chat.MessageDeleted: lambda e: (
        e.by,
        {"room_id": e.message.room_id, "seq": e.message.seq, "sender": e.message.sender},
    ),
    rooms.MemberRemoved: lambda e: (e.by, {"room_id": e.room_id, "username": e.username}),
}


def subscribe(
    bus: EventBus,
    entries: AuditRepository,
    now: Callable[[], datetime],
    address: Callable[[], str],
) -> None:
    """Keep every event of the table; `address` is that of who is asking now."""

    def keep(event: Event) -> None:
        describe = KEPT.get(type(event))
        if describe is not None:
            who, about = describe(event)
            entries.save_entry(
                Entry(at=now(), what=event.name, who=who, address=address(), about=about)
            )

    bus.subscribe(Event, keep)
