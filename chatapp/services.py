"""The object graph of one application, and the way doors find it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import current_app
from werkzeug.local import LocalProxy

from chatapp.audit.repository import AuditRepository
from chatapp.auth.guard import Allowed, Guard
from chatapp.auth.repository import SessionRepository, UserRepository, WorkspaceRepository
from chatapp.auth.service import AccountService
from chatapp.chat.entities import Extra
from chatapp.chat.log import Log, QuietLines
from chatapp.chat.quotes import quoting
from chatapp.chat.renewal import Renewal
from chatapp.chat.repository import MessageRepository, RenderingRepository
from chatapp.chat.service import MessageService
from chatapp.core.database import Documents
from chatapp.core.events import EventBus
from chatapp.core.limits import Tries
from chatapp.core.space import Space
from chatapp.memory.memory import Memory
from chatapp.memory.repository import ChangeRepository
from chatapp.people.repository import PersonRepository, PictureRepository
from chatapp.people.service import PeopleService
from chatapp.pins.service import PinService
from chatapp.presence.repository import AttendanceRepository
from chatapp.presence.service import PresenceService, Roll
from chatapp.reactions.repository import ReactionRepository
from chatapp.reactions.service import ReactionService, reacting
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.repository import RoomRepository
from chatapp.rooms.service import RoomService
from chatapp.saves.repository import SaveRepository
from chatapp.saves.service import SaveService
from chatapp.typing.service import PAUSE_SECONDS, TypingService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    database: Documents
    bus: EventBus
    accounts: AccountService
    rooms: RoomService
    messages: MessageService
    quiet_lines: QuietLines
    renewal: Renewal
    reactions: ReactionService
    typing: TypingService
    presence: PresenceService
    people: PeopleService
    pins: PinService
    saves: SaveService
    audit: AuditRepository
    access: RoomAccess
    memory: Memory
    roll: Roll
    heads: Callable[[Iterable[str]], dict[str, int]]
    """The highest `seq` of rooms. Like `access` and `roll`, for what tells sockets: nobody asks."""
    changes: Callable[[Iterable[str], datetime], dict[str, dict[str, int]]]
    """How often messages of rooms have changed that did since a moment; likewise."""


def build_services(
    database: Documents,
    bus: EventBus,
    now: Callable[[], datetime],
    *,
    secret_key: str,
    is_open: bool,
    guard: Guard | None = None,
    tries: Tries | None = None,
    folder: Path | None = None,
    typing_pause_seconds: float = PAUSE_SECONDS,
) -> Services:
    """Wire every repository and service of one application, lowest first."""
    tries = tries or Tries()
    users = UserRepository(database)
    rooms = RoomRepository(database, now)
    memory = Memory(ChangeRepository(database))
    access = RoomAccess(rooms, memory)
    messages = MessageRepository(database, now)
    accounts = AccountService(
        WorkspaceRepository(database),
        users,
        SessionRepository(database, now),
        memory,
        guard or Guard(tries, Allowed()),
        bus.publish,
        now,
        secret_key=secret_key,
        is_open=is_open,
    )
    # What features hang on messages comes here, by name: `chat` imports none of them.
    reactions = ReactionRepository(database, messages)
    extras: dict[str, Extra] = {
        "quote": quoting(messages, accounts.names),
        "reactions": reacting(reactions, accounts.names),
    }
    room_service = RoomService(
        access, rooms, users, bus.publish, messages.get_last_times, accounts.names
    )
    log = Log(messages, bus.publish, accounts.names, extras)
    message_service = MessageService(access, room_service, messages, log, Space(folder), now)
    roll = Roll(AttendanceRepository(database))
    return Services(
        database=database,
        bus=bus,
        accounts=accounts,
        rooms=room_service,
        messages=message_service,
        quiet_lines=QuietLines(log, accounts.names),
        renewal=Renewal(RenderingRepository(database)),
        reactions=ReactionService(
            access, message_service, reactions, log, accounts.names, bus.publish
        ),
        typing=TypingService(access, bus.publish, typing_pause_seconds),
        presence=PresenceService(access, roll),
        people=PeopleService(
            PersonRepository(database),
            PictureRepository(database),
            accounts,
            access,
            memory,
            bus.publish,
            now,
            tries,
        ),
        pins=PinService(access, message_service, messages, log, memory),
        saves=SaveService(
            access,
            room_service,
            message_service,
            SaveRepository(database, now),
            memory,
            bus.publish,
        ),
        audit=AuditRepository(database),
        access=access,
        memory=memory,
        roll=roll,
        heads=messages.get_heads,
        changes=messages.get_changes,
    )


services = cast(Services, LocalProxy(lambda: current_app.extensions["chatapp"]))
