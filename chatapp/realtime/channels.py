"""A Socket.IO manager that can move all sockets of a channel at once.

The stock one moves a socket by its id, and an id is known in its own process only. Its
sister for several processes is in `processes.py`.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from chatapp.core import background
from chatapp.core.events import room_channel, user_channel
from chatapp.realtime.fanout import FanoutManager
from chatapp.rooms.access import RoomAccess

NAMESPACE = "/chat"
ROOM, USER = room_channel(""), user_channel("")

logger = logging.getLogger(__name__)


class ChannelManager(FanoutManager):
    """For one process."""

    def __init__(self, access: RoomAccess, **options: Any) -> None:
        super().__init__(**options)
        self._access = access
        self._followed: dict[str, int] = {}
        self.on_start: list[Callable[[], object]] = []
        """Called once each, when the first socket comes."""
        self.on_told: Callable[[str, Any], object] = lambda event, payload: None
        """Called for each event told here, whichever process began it."""

        self.on_hint: Callable[[], object] = lambda: None
        """Called when another process has changed something."""

    def hint(self) -> None:
        """Tell other processes that something has changed; there are none."""

    def initialize(self) -> None:
        super().initialize()
        for start in self.on_start:
            start()

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str = NAMESPACE,
        room: Any = None,
        *args: Any,
        to: Any = None,
        **options: Any,
    ) -> None:
        channels = to or room
        for room_id in rooms_in(channels):
            if self.has_listeners(room_channel(room_id)):
                self.follow(room_id, self._access.version(room_id))
        super().emit(event, data, namespace, channels, *args, **options)
        self.on_told(event, data)

    def has_listeners(self, channel: str) -> bool:
        """Return whether somebody here could hear what is not for them.

        Who should be in a room and is not is let in by the log of changes; the database is not
        to be asked about each room in which people talk elsewhere.
        """
        return bool(self.rooms.get(NAMESPACE, {}).get(channel))

    def enter_all(self, listeners: str, channel: str) -> None:
        """Every socket in `listeners` enters `channel`."""
        self._move("enter", listeners, channel)

    def leave_all(self, listeners: str, channel: str) -> None:
        """Every socket in `listeners` leaves `channel`."""
        self._move("leave", listeners, channel)

    def close_all(self, listeners: str) -> None:
        """Every socket in `listeners` is closed."""
        self._move("close", listeners, listeners)

    def close_here(self, listeners: str) -> None:
        """The same for the sockets of this process alone."""
        self._move_here("close", listeners, listeners)

    def _move(self, how: str, listeners: str, channel: str) -> None:
        self._move_here(how, listeners, channel)

    def _move_here(self, how: str, listeners: str, channel: str) -> None:
        for sid, eio_sid in list(self.get_participants(NAMESPACE, listeners)):
            if how == "enter":
                self.basic_enter_room(sid, NAMESPACE, channel)
            elif how == "leave":
                self.basic_leave_room(sid, NAMESPACE, channel)
            else:
                # Closing waits for what is still queued; nobody else should.
                background.spawn(self.server.eio.disconnect, eio_sid)

    # Channels follow membership, also where nobody could be told of a change

    def follow(self, room_id: str, version: int) -> bool:
        """Let in and out whom the stored membership says, if that is not done for `version`.

        Return whether somebody came in. Who connects meanwhile looks again after entering.
        """
        if self._followed.get(room_id, -1) >= version:
            return False
        before = self._sockets_in(room_channel(room_id))
        # Read before the members: they may be newer than it, never older.
        version = self._access.versions([room_id]).get(room_id, 0)
        members = self._access.usernames(room_id)
        for username in self.here(USER):
            how = "enter" if username in members else "leave"
            self._move_here(how, user_channel(username), room_channel(room_id))
        self._followed[room_id] = version
        return not self._sockets_in(room_channel(room_id)) <= before

    def listened_rooms(self) -> list[str]:
        """Return the ids of the rooms that somebody here listens to; forget all others."""
        rooms = self.here(ROOM)
        for gone in self._followed.keys() - set(rooms):
            del self._followed[gone]
        return rooms

    def _sockets_in(self, channel: str) -> set[str]:
        return {sid for sid, _ in self.get_participants(NAMESPACE, channel)}

    def here(self, prefix: str) -> list[str]:
        """Return what the channels of this kind that somebody here listens to are of."""
        channels: Iterable[str | None] = list(self.rooms.get(NAMESPACE, ()))
        return [name.removeprefix(prefix) for name in channels if name and name.startswith(prefix)]


def rooms_in(channels: str | Iterable[str] | None) -> list[str]:
    """Return the ids of the rooms among these channels."""
    names = [channels] if isinstance(channels, str) else channels or ()
    return [name.removeprefix(ROOM) for name in names if name.startswith(ROOM)]
