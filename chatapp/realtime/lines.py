"""The open sockets of this process, and one task that looks after them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import engineio
import socketio
from engineio import packet as engine

from chatapp.core import background
from chatapp.core.errors import BadRequest, describe
from chatapp.realtime import frames, strict_json
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.limits import Limits, TokenBucket
from chatapp.realtime.line import BAD_FRAME, FELL_BEHIND, NOT_CONNECTED, Line
from chatapp.realtime.rfc6455 import Ending

ROUND_SECONDS = 0.5

log = logging.getLogger(__name__)


class Lines:
    """All of them. The task goes round while there are any."""

    def __init__(self, server: socketio.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._lines: dict[str, Line] = {}
        self._is_watched = False
        self._lock = background.short_lock()
        self._complaints = TokenBucket(per_second=1, burst=5)
        self._refused = 0

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines.values()))

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, engine_socket: Any, ended: Callable[[], object]) -> None:
        """Count a socket in; `ended` is called when it is over."""
        line = Line(engine_socket, self._limits, ended)
        engine_socket.queue.overflow = lambda: self.refuse(line, FELL_BEHIND)
        with self._lock:
            self._lines[engine_socket.sid] = line
            if not self._is_watched:
                self._is_watched = True
                background.spawn(self._watch)

    def of(self, engine_socket: Any) -> Line:
        return self._lines[engine_socket.sid]

    def is_connected(self, line: Line) -> bool:
        """Return whether Socket.IO has let it into the namespace."""
        manager = self._server.manager
        sid = manager.sid_from_eio_sid(line.socket.sid, NAMESPACE)
        return bool(sid and manager.is_connected(sid, NAMESPACE))

    def wanted(self, line: Line, message: object) -> frames.Asked | bool:
        """Return whether to hand on what a client says; what ours never say is refused."""
        try:
            return frames.wanted(message)
        except frames.BadFrame as bad:
            if not self._answer(line, bad.ack_id):
                self.refuse(line, BAD_FRAME)
            return False

    def _answer(self, line: Line, ack_id: str) -> bool:
        if not ack_id or not self.is_connected(line):
            return False
        refusal = strict_json.dumps([describe(BadRequest())])
        line.socket.send(engine.Packet(engine.MESSAGE, f"3{NAMESPACE},{ack_id}{refusal}"))
        return True

    def hand_on(self, line: Line, message: object) -> None:
        """Do what a client says, if it is to be done."""
        if line.is_ending or line.socket.closed or not (wanted := self.wanted(line, message)):
            return
        line.is_busy = True
        try:
            if isinstance(wanted, frames.Asked):
                # What Engine.IO and Socket.IO come to; they would parse it again.
                self._server._handle_event(line.socket.sid, NAMESPACE, wanted.ack_id, wanted.data)
            else:
                line.socket.receive(engine.Packet(encoded_packet=message))
        except (engineio.exceptions.UnknownPacketError, engineio.exceptions.SocketIsClosedError):
            pass
        finally:
            line.is_busy = False
        if line.is_leaving:  # it was waited for
            line.socket.close(wait=False)

    def refuse(self, line: Line, ending: Ending) -> None:
        """Close a socket that does what our clients do not, with few words in the log."""
        line.finish(ending)
        line.cut()
        self._refused += 1
        if self._complaints.take() == 0:
            log.warning("a socket was closed: %s, no. %d", ending.reason, self._refused)

    def over(self, line: Line) -> None:
        """Leave nothing of a socket whose connection has ended, however it did."""
        line.cut()
        eio: engineio.Server = self._server.eio
        line.socket.queue.put(None)  # where a writer still waits
        line.socket.queue.close()
        with suppress(engineio.exceptions.EngineIOError):
            line.socket.close(wait=False, abort=True)
        eio.sockets.pop(line.socket.sid, None)
        if self._lines.pop(line.socket.sid, None):
            line.ended()

    def _watch(self) -> None:
        while self._is_needed():
            for line in self:
                try:
                    self._look_after(line)
                except engineio.exceptions.SocketIsClosedError:
                    pass  # between two looks
                except Exception:  # the others are to be looked after all the same
                    log.exception("looking after a socket")
            background.sleep(ROUND_SECONDS)

    def _is_needed(self) -> bool:
        with self._lock:
            self._is_watched = bool(self._lines)
            return self._is_watched

    def _look_after(self, line: Line) -> None:
        if line.is_overdue:
            line.cut()
        elif line.socket.closed:
            line.start_closing()
        elif self.is_connected(line):
            line.ping()
        elif time.monotonic() - line.opened_at > self._limits.connect_seconds:
            self.refuse(line, NOT_CONNECTED)
