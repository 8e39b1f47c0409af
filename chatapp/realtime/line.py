"""One open socket: how it is pinged, finished, and cut where it must be."""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engineio import packet as engine

from chatapp.realtime.limits import Limits, TokenBucket
from chatapp.realtime.rfc6455 import Ending

SEND_BUFFER_BYTES = 128 * 1024
CLOSING_SECONDS = 0.5  # then a reader that takes nothing is cut


GOODBYE = Ending(1000)
BAD_FRAME = Ending(4400, "bad_frame")
NOT_CONNECTED = Ending(4408, "not_connected")
FELL_BEHIND = Ending(4413, "fell_behind")
SLOW_DOWN = Ending(4429, "slow_down")


class Line:
    """Engine.IO's idea of a socket, and the connection below."""

    def __init__(
        self, engine_socket: Any, limits: Limits, ended: Callable[[], object] = lambda: None
    ) -> None:
        self.socket = engine_socket
        self.ended = ended
        """To be called when nothing is left of it."""
        self.opened_at = time.monotonic()
        self.is_busy = False
        """Between a frame that was handed on and the asking for the next one."""
        self.is_leaving = False
        self.is_cut = False
        self._closing_since: float | None = None
        self._frames = TokenBucket(limits.frames_per_second, limits.frames_burst)
        self._connection: Any = None
        self._is_finished = False
        self._pinged_at: float | None = None
        engine_socket.schedule_ping = self._heard_pong  # the stock one takes a thread for each
        self._heard_pong()

    def attach(self, connection: Any) -> None:
        """Take the connection below; the green ones have the plain one inside."""
        self._connection = getattr(connection, "fd", getattr(connection, "_sock", connection))
        with suppress(OSError):  # a unix socket has no TCP_NODELAY
            # Left alone the buffer grows to megabytes behind a slow reader…
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            # … and what is small waits up to 40 ms for the reader to confirm what came before.
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def is_ending(self) -> bool:
        """Return whether no more frames are to be taken from it."""
        return self.is_cut or self.is_leaving

    def takes_a_frame(self) -> bool:
        return self._frames.take() == 0

    def finish(self, ending: Ending) -> None:
        """Send nothing more. What the client still says is read until it has closed too.

        The libraries' own ways of closing wait for a reader that has stopped, or close the
        connection under whoever reads from it or writes to it, who then never wakes up.
        """
        self.start_closing()
        if self._connection is None or self._is_finished:
            return
        self._is_finished = True
        with suppress(OSError):  # a full buffer has no room for a word of farewell
            if self.socket.queue.settle() and not isinstance(self._connection, ssl.SSLSocket):
                self._connection.send(ending.frame(), socket.MSG_DONTWAIT)
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def start_closing(self) -> None:
        """Give it a moment to end by itself."""
        self._closing_since = self._closing_since or time.monotonic()

    @property
    def is_overdue(self) -> bool:
        since = self._closing_since
        return since is not None and time.monotonic() - since > CLOSING_SECONDS

    def cut(self) -> None:
        """End the connection now. Whoever reads from it or writes to it wakes up."""
        if self._connection is None or self.is_cut:
            return
        self.is_cut = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def ping(self) -> None:
        """Ask for a sign of life when it is time; close where none came."""
        eio, now = self.socket.server, time.monotonic()
        if self._pinged_at is not None:
            if now - self._pinged_at > eio.ping_timeout:
                self.socket.close(wait=False, reason=eio.reason.PING_TIMEOUT)
        elif now - self._heard_at >= eio.ping_interval:
            self._pinged_at = now
            self.socket.send(engine.Packet(engine.PING))

    def _heard_pong(self) -> None:
        self.socket.last_ping = None  # Engine.IO would compare it with a clock that can be set
        self._heard_at = time.monotonic()
        self._pinged_at = None
