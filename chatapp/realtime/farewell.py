"""How everybody is let go when the process is told to end."""

import atexit
import logging
import os
import random
import signal
import time
from contextlib import suppress
from types import FrameType

import socketio
from flask import Flask

from chatapp.core import background
from chatapp.core.database import StorageError
from chatapp.memory.memory import Memory
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.gate import Gate
from chatapp.realtime.line import Line
from chatapp.realtime.lines import Lines

EVENT = "restarting"
FINISH_SECONDS = 3.0  # for requests that have begun
EXIT_SECONDS = 4.0  # servers wait up to 30 for connections that nothing will end
SOONEST_SECONDS, LATEST_SECONDS = 0.5, 3.0  # a crowd should not come back all at once

log = logging.getLogger(__name__)


class Farewell:
    """No new sockets, a word to those that are open, then the end of each."""

    def __init__(self, gate: Gate, lines: Lines, server: socketio.Server, memory: Memory) -> None:
        self._gate = gate
        self._lines = lines
        self._server = server
        self._memory = memory
        self._is_said = False

    def wait(self) -> None:
        """Return when all has been said."""
        deadline = time.monotonic() + EXIT_SECONDS
        while not self._is_said and time.monotonic() < deadline:
            background.sleep(0.02)

    def say(self) -> None:
        """Return when all have gone; a request that has begun is finished and answered first."""
        self._gate.close()
        background.spawn(self._forget)
        for line in self._lines:
            self._tell(line)
        for line in self._lines:
            line.is_leaving = True  # who is busy ends when it asks for the next frame
            if not line.is_busy:
                line.socket.close(wait=False)
        deadline = time.monotonic() + FINISH_SECONDS
        while len(self._lines) and time.monotonic() < deadline:
            background.sleep(0.02)
        for line in self._lines:
            line.cut()
        self._is_said = True

    def _forget(self) -> None:
        """Remember nothing from now on, or others would wait for our lease to run out."""
        with suppress(StorageError):
            self._memory.stop()

    def _tell(self, line: Line) -> None:
        sid = self._server.manager.sid_from_eio_sid(line.socket.sid, NAMESPACE)
        if sid and self._lines.is_connected(line):
            seconds = round(random.uniform(SOONEST_SECONDS, LATEST_SECONDS), 1)
            # Not by the queue: the sockets of other processes stay.
            self._server.emit(
                EVENT, {"after_seconds": seconds}, to=sid, namespace=NAMESPACE, ignore_queue=True
            )


def at_sigterm(app: Flask) -> None:
    """Say farewell at SIGTERM, beside what the server that runs `app` does then."""
    farewell: Farewell = app.extensions["farewell"]
    before = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, before)  # a second one is as quick as without us
        atexit.register(farewell.wait)  # to the server an open socket is no request to wait for
        background.spawn_from_signal(_depart, farewell, is_ended_by_server=callable(before))
        if callable(before):
            before(number, frame)

    # Not in the main thread means that a reloader runs the app: signals are not ours to handle.
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, leave)
        signal.siginterrupt(signal.SIGTERM, False)


def _depart(farewell: Farewell, *, is_ended_by_server: bool) -> None:
    exit_at = time.monotonic() + EXIT_SECONDS
    try:
        farewell.say()
    except Exception:  # the process has to end all the same
        log.exception("saying farewell")
    if not is_ended_by_server:
        os.kill(os.getpid(), signal.SIGTERM)
    background.sleep(max(0.0, exit_at - time.monotonic()))
    # What is still open is a request that hangs, or a connection kept for a next one.
    os._exit(0)
