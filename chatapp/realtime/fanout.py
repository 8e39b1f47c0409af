"""Telling many: one frame for all who listen, and one write a turn for each of them.

The stock path queues, wakes a greenlet and frames once per listener. Here a frame is made
once, what one turn of the event loop produced is gathered, and it leaves each socket in one
write that never blocks. Used under eventlet, where one thread runs everything and a turn has
an end; the other modes go the stock way, through the same `Backlog`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

import socketio
from engineio import packet as engine
from socketio import packet

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.limits import Limits
from chatapp.realtime.rfc6455 import frame

EARLY_BYTES = 64 * 1024  # of one turn, for one socket: then it leaves before the turn is over
BUFFERS = 64  # handed to the kernel at once for a slow reader; it takes 1,024 at most

Frames = list[bytes]


class Turn:
    """What one turn of the event loop has for sockets. It leaves when the turn is over."""

    def __init__(self, get_hub: Callable[[], Any]) -> None:
        self.hub = get_hub
        self._outlets: list[Outlet] = []
        self._bytes = 0

    def add(self, outlet: "Outlet") -> None:
        """Hear that `outlet` has its first frame of this turn."""
        if not self._outlets:
            self.hub().schedule_call_global(0, self._soon)
        self._outlets.append(outlet)

    def _soon(self) -> None:
        """Let those who were woken meanwhile have their say first: they are of the same turn."""
        hub = self.hub()
        if hub.next_timers:
            hub.schedule_call_global(0, self.flush)
        else:
            self.flush()

    def produced(self, size: int) -> None:
        """Hear that each of some sockets has `size` bytes more."""
        self._bytes += size
        if self._bytes > EARLY_BYTES:
            self.flush()

    def flush(self) -> None:
        self._bytes = 0
        outlets, self._outlets = self._outlets, []
        last, joined = None, b""
        for outlet in outlets:
            frames = outlet.take()
            if frames != last:  # most sockets have the same as the one before
                last, joined = frames, b"".join(frames)
            if frames:
                outlet.write(joined, frames)


class Outlet(Backlog):
    """The one way out of a socket: whatever is said to it leaves in the order it was said.

    Until `attach` its frames wait in the stock queue, and those of a TLS connection always do:
    TLS has a writer of its own.
    """

    def __init__(self, stock: Any, limits: Limits, turn: Turn) -> None:
        super().__init__(stock, limits)
        self._turn = turn
        self._connection: Any = None
        self._ended: Callable[[], object] = lambda: None
        self._has_ended = False
        self._gathered: Frames = []
        self._stuck: deque[bytes] = deque()  # what the kernel did not take, counted by Backlog
        self._done = 0  # bytes of the first of them that it did take
        self._listener: Any = None

    def attach(self, connection: Any, ended: Callable[[], object], *before: bytes) -> None:
        """Write straight to `connection` from now on, and `before` before all that waits.

        `ended` is called after the last word.
        """
        waiting: Frames = []
        while not self._stock.empty():
            waiting.append(self._stock.get())
            self.sent(len(waiting[-1]))
        waiting += self.take()
        self._connection, self._ended = connection, ended
        for data in (*before, *waiting):
            self.push(data)

    # As Engine.IO uses a queue

    def put(self, packet: Any) -> None:
        if packet is None:
            self._end()
        else:
            self.push(frame(packet.encode().encode()))

    # As it is told things

    def push(self, data: bytes) -> None:
        """Say `data`, a whole frame."""
        if self._stuck:
            self._keep([data])
        else:
            if not self._gathered:
                self._turn.add(self)
            self._gathered.append(data)

    def take(self) -> Frames:
        frames, self._gathered = self._gathered, []
        return frames

    def write(self, joined: bytes, frames: Frames) -> None:
        """Write `frames`, which together are `joined`; keep what the kernel does not take."""
        if self._connection is None:
            return self._hand_over(frames)
        try:
            sent = self._connection.send(joined)
        except BlockingIOError:
            sent = 0
        except OSError:
            return None  # the connection is gone, as its reader hears
        if sent < len(joined):
            self._keep(frames)
            self._drop(sent)
        return None

    def _hand_over(self, frames: Frames) -> None:
        for data in frames:
            if self._fits(len(data)):
                self._stock.put(data)

    def settle(self) -> bool:
        if frames := self.take():
            self.write(b"".join(frames), frames)
        return not self._stuck

    def close(self) -> None:
        self._stuck.clear()
        self._listen()

    def _end(self) -> None:
        if not self.settle():
            self._has_ended = True
        elif self._connection is None:
            self._stock.put(None)
        else:
            self._ended()

    # A reader that is slower than what it is told

    def _keep(self, frames: Frames) -> None:
        if not self._has_ended:
            self._stuck.extend(data for data in frames if self._fits(len(data)))
        self._listen()

    def _drop(self, sent: int) -> None:
        """Forget what has left."""
        self._done += sent
        while self._stuck and self._done >= len(self._stuck[0]):
            size = len(self._stuck.popleft())
            self._done -= size
            self.sent(size)

    def _listen(self) -> None:
        """Hear when the kernel takes more, while there is more."""
        if self._stuck and self._listener is None:
            hub = self._turn.hub()
            self._listener = hub.add(
                hub.WRITE, self._connection.fileno(), self._write_on, lambda _: None, None
            )
        elif not self._stuck and self._listener is not None:
            self._turn.hub().remove(self._listener)
            self._listener = None

    def _write_on(self, _fileno: int) -> None:
        first = memoryview(self._stuck[0])[self._done :]
        try:
            self._drop(self._connection.sendmsg([first, *islice(self._stuck, 1, BUFFERS)]))
        except BlockingIOError:
            pass
        except OSError:
            self._stuck.clear()
        self._listen()
        if self._has_ended and not self._stuck:
            self._ended()


class FanoutManager(socketio.Manager):  # type: ignore[misc]  # python-socketio has no types
    """Tells all who listen to some channels at once, where their sockets have outlets."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.turn: Turn | None = None
        """Set where outlets are used."""
        self._outlets: dict[str, list[Outlet]] = {}
        """Of the channels that were told something since somebody came or went."""
        self._entered: dict[str, dict[Any, None]] = {}
        """By socket, in order. The stock manager looks through all channels of all sockets."""

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | list[str] | None = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **options: Any,
    ) -> None:
        room = to or room
        if self.turn is None or not room or skip_sid or callback:
            super().emit(event, data, namespace, room, skip_sid, callback, **options)
        elif outlets := self._listening(namespace, room):
            text = self.json.dumps([event, data])
            told = frame(f"{engine.MESSAGE}{packet.EVENT}{namespace},{text}".encode())
            for outlet in outlets:
                outlet.push(told)
            self.turn.produced(len(told))

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: Any = None) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._outlets.pop(room, None)
        self._entered.setdefault(sid, {})[room] = None

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        super().basic_leave_room(sid, namespace, room)
        self._outlets.pop(room, None)
        self._entered.get(sid, {}).pop(room, None)

    def basic_disconnect(self, sid: str, namespace: str, **_options: Any) -> None:
        for room in self._entered.pop(sid, {}):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in (waiting := pending.get(namespace, [])):
                waiting.remove(sid)
                if not waiting:
                    del pending[namespace]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._entered.get(sid, ()) if room is not None]

    def _listening(self, namespace: str, rooms: str | list[str]) -> Iterable[Outlet]:
        if isinstance(rooms, str):
            return self._in(namespace, rooms)
        if len(rooms) == 1:
            return self._in(namespace, rooms[0])
        return dict.fromkeys(chain.from_iterable(self._in(namespace, room) for room in rooms))

    def _in(self, namespace: str, room: str) -> list[Outlet]:
        if (known := self._outlets.get(room)) is not None:
            return known
        sockets = self.server.eio.sockets
        outlets = [
            sockets[eio_sid].queue
            for _, eio_sid in self.get_participants(namespace, room)
            if eio_sid in sockets
        ]
        if outlets:
            self._outlets[room] = outlets
        return outlets
