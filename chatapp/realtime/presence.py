"""Tells the sockets of this process who has come, gone or been quiet: once a second at most.

Each process compares what is stored of everybody with what it told its own sockets, as
`heartbeat.py` does. So nothing depends on a disconnect that may never come, on Redis, or on a
process that has ended; and a socket hears one event a second, however many people move.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from flask_socketio import SocketIO

from chatapp.core import background
from chatapp.core.database import StorageError
from chatapp.core.events import room_channel, user_channel
from chatapp.presence.entities import State
from chatapp.presence.service import LOOK_SECONDS, Roll
from chatapp.realtime.channels import NAMESPACE, ChannelManager
from chatapp.rooms.access import RoomAccess

USER = user_channel("")
RECENT_BEATS = 15
"""For so long a page may be on its way that was made before a change."""

MOST_TOLD = 250
"""People of whom a beat tells; after a start it is everybody who is there, beat by beat."""


class PresenceTeller:
    def __init__(
        self,
        socketio: SocketIO,
        roll: Roll,
        access: RoomAccess,
        people: Callable[[], Iterable[str]],
    ) -> None:
        self._socketio = socketio
        self._manager: ChannelManager = socketio.server.manager
        self._roll = roll
        self._access = access
        self._people = people
        self._told: Mapping[str, State] = {}
        self._recent: dict[str, int] = {}
        self._known: set[str] = set()
        """Sockets that were told of those; kept up only while there are any."""
        self._others_meet: set[str] = set()

    def start(self) -> None:
        """Beat from the first socket on, as long as this process lives."""
        self._manager.on_start.append(
            lambda: background.spawn(background.every, LOOK_SECONDS, self.beat, StorageError)
        )

    def hear(self, about: Iterable[str]) -> None:
        """Follow a change of membership: these are met by people who knew nothing of them."""
        self._others_meet |= {name.removeprefix(USER) for name in about if name.startswith(USER)}

    def beat(self) -> None:
        """Tell what has changed; and to sockets that are new, what has changed lately."""
        states = self._roll.call(self._people())
        changed = self._changed(states)
        meeting = set(self._others_meet)
        names = changed | (meeting & states.keys())
        if names or self._recent:
            sockets = self._sockets_in(None)
            self._tell(states, names, sockets & self._known)
            self._tell(states, names | self._recent.keys(), sockets - self._known)
            self._known = sockets
        # Only now: what could not be told is told by the next beat.
        self._others_meet -= meeting
        self._remember(states, changed)

    def _changed(self, states: Mapping[str, State]) -> set[str]:
        """Return who is not as was told, and not too many of them: the next beat has the others."""
        if states is self._told:
            return set()
        changed = {name for name, _ in states.items() ^ self._told.items()}
        return set(sorted(changed)[:MOST_TOLD])

    def _remember(self, states: Mapping[str, State], told: set[str]) -> None:
        left = {name: beats - 1 for name, beats in self._recent.items() if beats > 1}
        self._recent = left | dict.fromkeys(told, RECENT_BEATS)
        if told:
            before = {name: state for name, state in self._told.items() if name not in told}
            now = before | {name: states[name] for name in told & states.keys()}
            self._told = states if now == states else now

    def _tell(self, states: Mapping[str, State], names: set[str], sockets: set[str]) -> None:
        """Tell each of the sockets of those whom it shares a room with, in one event."""
        if not names or not sockets:
            return
        inside = self._access.people_by_room(names)
        for rooms, hearing in self._by_rooms(inside, names, sockets).items():
            told = sorted({name for room_id in rooms for name in inside[room_id]})
            self._socketio.emit(
                "presence_changed",
                {"people": {name: states.get(name, "offline") for name in told}},
                to=hearing,
                namespace=NAMESPACE,
                ignore_queue=True,  # other processes tell their own sockets
            )

    def _by_rooms(
        self, inside: Mapping[str, set[str]], names: set[str], sockets: set[str]
    ) -> dict[frozenset[str], list[str]]:
        """Return the sockets by which of the rooms they are in: those hear the same.

        Who is in a room with all of them needs to be looked for in no other.
        """
        groups: dict[frozenset[str], list[str]] = defaultdict(list)
        heard: dict[str, set[str]] = defaultdict(set)
        for room_id in sorted(inside, key=lambda room_id: -len(inside[room_id])):
            here = self._sockets_in(room_channel(room_id)) & sockets
            if here and inside[room_id] == names:
                groups[frozenset((room_id,))] = list(here)
                sockets = sockets - here
                continue
            for sid in here:
                heard[sid].add(room_id)
        for sid, theirs in heard.items():
            groups[frozenset(theirs)].append(sid)
        return groups

    def _sockets_in(self, channel: str | None) -> set[str]:
        return {sid for sid, _ in list(self._manager.get_participants(NAMESPACE, channel))}
