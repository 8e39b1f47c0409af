"""How far the rooms are, every few seconds: nobody misses what could not be told.

A message is stored first and told next, and so is a change of one. In between the process may
die, the database may answer too late, or Redis be away, and then other sockets have not heard of
it. Each process compares what is stored with what it told its sockets, and tells them the
difference.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from flask_socketio import SocketIO

from chatapp.core import background, clock
from chatapp.core.database import StorageError
from chatapp.core.events import room_channel
from chatapp.realtime.channels import NAMESPACE, ChannelManager, rooms_in
from chatapp.rooms.access import RoomAccess

BEAT_SECONDS = 3.0
WINDOW = timedelta(seconds=30)
"""How far back changes are looked at: a beat, the longest write, and clocks that differ."""

Heads = Callable[[Iterable[str]], dict[str, int]]
Changes = Callable[[Iterable[str], datetime], dict[str, dict[str, int]]]


class Heartbeat:
    def __init__(
        self, socketio: SocketIO, access: RoomAccess, heads: Heads, changes: Changes
    ) -> None:
        self._socketio = socketio
        self._manager: ChannelManager = socketio.server.manager
        self._access = access
        self._heads = heads
        self._changes = changes
        self._told: dict[str, int] = {}
        self._told_changes: dict[str, int] = {}

    def start(self) -> None:
        """Beat from the first socket on, as long as this process lives."""
        self._manager.on_told = self._note
        self._manager.on_start.append(
            lambda: background.spawn(background.every, BEAT_SECONDS, self.beat, StorageError)
        )

    def hear(self, about: Iterable[str]) -> None:
        """Follow a change of membership; whoever made it is told "done" after that."""
        if rooms := rooms_in(about):
            self._follow(rooms)

    def beat(self) -> None:
        """Bring sockets to the rooms they belong in, and tell those what they have missed."""
        rooms = self._manager.listened_rooms()
        self._follow(rooms)
        heads = self._heads(rooms)
        # Of rooms that nobody listens to any more nothing needs to be remembered.
        self._told = {room_id: self._told.get(room_id, 0) for room_id in heads}
        for room_id, head in heads.items():
            if head > self._told[room_id]:
                self._tell(room_id, head)
        self._tell_changes(rooms)

    def _tell_changes(self, rooms: Iterable[str]) -> None:
        recent = self._changes(rooms, clock.now() - WINDOW)
        for room_id, counts in recent.items():
            told = self._told_changes
            untold = {name: count for name, count in counts.items() if count > told.get(name, 0)}
            if untold:
                self._emit("changes", room_id, {room_id: untold})
        self._told_changes = {
            name: count for counts in recent.values() for name, count in counts.items()
        }

    def _follow(self, rooms: list[str]) -> None:
        """Who comes in unannounced is told how far the room is, and fetches the rest."""
        if entered := self._manager.follow(self._access.versions(rooms)):
            heads = self._heads(entered)
            for room_id in entered:
                self._tell(room_id, heads.get(room_id, 0))

    def _tell(self, room_id: str, head: int) -> None:
        self._note_head(room_id, head)
        self._emit("heads", room_id, {room_id: head})

    def _emit(self, event: str, room_id: str, payload: dict[str, Any]) -> None:
        self._socketio.emit(
            event,
            payload,
            to=room_channel(room_id),
            namespace=NAMESPACE,
            ignore_queue=True,  # each process knows best what its own sockets have missed
        )

    def _note(self, event: str, payload: Any) -> None:
        if event == "message_posted":
            message = payload["message"]
            self._note_head(message["room_id"], message["seq"])
        elif event == "message_changed":
            self._note_changes(payload["message"])
        elif event == "message_deleted":
            self._note_changes(payload)

    def _note_head(self, room_id: str, seq: int) -> None:
        self._told[room_id] = max(seq, self._told.get(room_id, 0))

    def _note_changes(self, message: dict[str, Any]) -> None:
        told = self._told_changes.get(message["id"], 0)
        self._told_changes[message["id"]] = max(message["changes"], told)
