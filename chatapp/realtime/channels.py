"""A Socket.IO manager that can move all sockets of a channel at once.

The stock one moves a socket by its id, and an id is known in its own process only. Its
sister for several processes is in `processes.py`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
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
        self._tell(event, data, channels, self._versions(channels), *args, **options)

    def _versions(self, channels: str | Iterable[str] | None) -> dict[str, int]:
        return {room_id: self._access.version(room_id) for room_id in rooms_in(channels)}

    def _tell(
        self,
        event: str,
        data: Any,
        channels: str | list[str] | None,
        versions: Mapping[str, int],
        *args: Any,
        **options: Any,
    ) -> None:
        """Tell our own sockets, those alone that belong there by these versions or later ones.

        Where nobody listens nobody can hear what is not for them. Who should be in a room and is
        not is let in by the log of changes; the database is not asked about each room in which
        people talk elsewhere.
        """
        listened = self.rooms.get(NAMESPACE, {})
        self.follow({id_: v for id_, v in versions.items() if room_channel(id_) in listened})
        super().emit(event, data, NAMESPACE, channels, *args, **options)
        self.on_told(event, data)

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

    def follow(self, versions: Mapping[str, int]) -> list[str]:
        """Let in and out whom the stored memberships say, where that is not done for a version.

        Return the ids of the rooms that somebody came into. Two queries at most, however many
        rooms. Who connects meanwhile looks again after entering.
        """
        behind = [id_ for id_, v in versions.items() if self._followed.get(id_, -1) < v]
        if not behind:
            return []
        # Read before the members: they may be newer than these, never older.
        stored = self._access.versions(behind)
        members = self._access.usernames(behind)
        here = set(self.here(USER))
        entered = [id_ for id_ in behind if self._bring(id_, members.get(id_, set()) & here)]
        self._followed |= {room_id: stored.get(room_id, 0) for room_id in behind}
        return entered

    def _bring(self, room_id: str, usernames: set[str]) -> bool:
        """Let the sockets of these into a room, and all others out; return whether one came in."""
        channel = room_channel(room_id)
        before = self._sockets_in(channel)
        for username in usernames:
            self._move_here("enter", user_channel(username), channel)
        for username in {self._whose(sid) for sid in before} - usernames:
            self._move_here("leave", user_channel(username), channel)
        return not self._sockets_in(channel) <= before

    def _whose(self, sid: str) -> str:
        """Return who has a socket; their channel is one of the first that it enters."""
        names = (name for name in self._entered.get(sid, ()) if name and name.startswith(USER))
        return next(names, "").removeprefix(USER)

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
