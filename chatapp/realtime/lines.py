"""The open sockets of this process, and one task that looks after them."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import engineio
import socketio

from chatapp.core import background
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.limits import Limits, TokenBucket
from chatapp.realtime.line import FELL_BEHIND, NOT_CONNECTED, Ending, Line

ROUND_SECONDS = 0.5

log = logging.getLogger(__name__)


class Lines:
    """All of them. The task goes round while there are any."""

    def __init__(self, server: socketio.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._lines: dict[str, Line] = {}
        self._is_watched = False
        self._lock = threading.Lock()
        self._complaints = TokenBucket(per_second=1, burst=5)
        self._refused = 0

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines.values()))

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, engine_socket: Any) -> None:
        line = Line(engine_socket, self._limits)
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
        with suppress(engineio.exceptions.EngineIOError):
            line.socket.close(wait=False, abort=True)
        eio.sockets.pop(line.socket.sid, None)
        self._lines.pop(line.socket.sid, None)

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
