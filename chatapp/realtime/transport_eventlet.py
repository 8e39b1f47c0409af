"""WebSockets on eventlet's loop. One that is idle costs no greenlet, and nobody's time.

The request that opens a socket ends with the handshake. After that the loop says when
there is something to read, and what was read is worked on in a greenlet of its own, one
after the other; what goes out leaves by `fanout.py`.
"""

import base64
import hashlib
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import engineio
import socketio
from eventlet import spawn_n
from eventlet.green.ssl import GreenSSLSocket
from eventlet.greenio import GreenSocket
from eventlet.hubs import get_hub
from eventlet.support.greenlets import getcurrent, greenlet
from eventlet.wsgi import WSGI_LOCAL

from chatapp.realtime.fanout import Outlet, Turn
from chatapp.realtime.limits import Limits
from chatapp.realtime.line import GOODBYE, SLOW_DOWN, Line
from chatapp.realtime.lines import Lines
from chatapp.realtime.rfc6455 import CLOSE, PING, PONG, TEXT, Parser, Violation, frame, text_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

READ_BYTES = 64 * 1024
IDLE_WORKERS = 32
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455

log = logging.getLogger(__name__)


def classes(server: socketio.Server, lines: Lines, limits: Limits) -> dict[str, Any]:
    """Return what Engine.IO is to use in place of its own."""
    stock = server.eio._async
    turn = Turn(get_hub)
    server.manager.turn = turn

    def transport(handler: Any, _server: engineio.Server) -> Any:
        return lambda environ, start_response: _open(handler.__self__, environ, lines, limits)

    return {"queue": lambda: Outlet(stock["queue"](), limits, turn), "websocket": transport}


def _open(
    engine_socket: Any, environ: "WSGIEnvironment", lines: Lines, limits: Limits
) -> Iterable[bytes]:
    """Do what Engine.IO does with a WebSocket, without staying for it."""
    line = lines.of(engine_socket)
    green = environ["gunicorn.socket"]
    WSGI_LOCAL.already_handled = True  # to gunicorn: no answer of its own
    handshake = _handshake(environ["HTTP_SEC_WEBSOCKET_KEY"])
    engine_socket.connected = engine_socket.upgraded = True
    try:
        if isinstance(green, GreenSSLSocket):
            green.sendall(handshake)
            Reader(green, line, lines, limits).stay()
        else:
            Reader(_taken_from(green), line, lines, limits).begin(handshake)
    except OSError:
        lines.over(line)
    return []


def _taken_from(green: GreenSocket) -> Any:
    """Return its connection as one of ours: gunicorn closes its own at the end of the request."""
    plain = green.fd
    connection = type(plain)(plain.family, plain.type, plain.proto, plain.detach())
    connection.setblocking(False)
    return connection


def _handshake(key: str) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


class Workers:
    """Greenlets that stay for the next piece of work: a new one costs as much as it does."""

    def __init__(self) -> None:
        self._idle: list[greenlet] = []

    def do(self, work: Callable[[], object]) -> None:
        """Let `work` begin, from the loop itself; it deals with its errors itself."""
        if self._idle:
            self._idle.pop().switch(work)  # and back here as soon as it waits
        else:
            spawn_n(self._stay, work)

    def _stay(self, work: Callable[[], object]) -> None:
        while True:
            work()
            if len(self._idle) >= IDLE_WORKERS:
                return
            self._idle.append(getcurrent())
            work = get_hub().switch()


workers = Workers()


class Reader:
    """Reads from one socket. While a request is worked on nothing more is read."""

    def __init__(self, connection: Any, line: Line, lines: Lines, limits: Limits) -> None:
        self._connection = connection
        self._line = line
        self._lines = lines
        self._outlet: Outlet = line.socket.queue
        self._parser = Parser(limits.frame_bytes, self._count)
        self._listener: Any = None
        self._is_working = False
        line.attach(connection)

    def begin(self, handshake: bytes) -> None:
        """Read whenever there is something, as long as the socket is open."""
        self._outlet.attach(self._connection, lambda: self._line.finish(GOODBYE), handshake)
        self._listen()

    def stay(self) -> None:
        """Read until the socket is closed: TLS has to be asked, nobody says when it has more."""
        spawn_n(self._write_with_tls)
        while self._take(self._read()):
            pass
        self._lines.over(self._line)

    def _listen(self) -> None:
        hub = get_hub()
        self._listener = hub.add(
            hub.READ, self._connection.fileno(), self._on_readable, lambda _: None, None
        )

    def _listen_no_more(self) -> None:
        get_hub().remove(self._listener)
        self._listener = None

    def _on_readable(self, _fileno: int) -> None:
        if self._is_working:  # a request waits for something; what comes next waits with it
            self._listen_no_more()
        else:
            self._is_working = True
            workers.do(self._work)  # it may wait, which the loop itself may not

    def _work(self) -> None:
        goes_on = self._take(self._read())
        self._is_working = False
        if not goes_on:
            self._end()
        elif self._listener is None:
            self._listen()

    def _end(self) -> None:
        if self._listener is not None:
            self._listen_no_more()
        self._lines.over(self._line)
        self._connection.close()

    def _read(self) -> bytes | None:
        """Return what has come, nothing at the end, None where it was a false alarm."""
        try:
            data: bytes = self._connection.recv(READ_BYTES)
        except BlockingIOError:
            return None
        except (OSError, ValueError):  # the second from TLS that was shut down
            return b""
        return data

    def _take(self, data: bytes | None) -> bool:
        """Hand on what was read; return whether to go on."""
        if data is None:
            return True
        try:
            for opcode, payload in self._parser.messages(data):
                if not self._is_taken(opcode, payload):
                    return False
        except Violation as violation:
            self._lines.refuse(self._line, violation.ending)
        except Exception:
            log.exception("a socket is closed after an error")
            return False
        return bool(data) and not self._line.is_cut

    def _is_taken(self, opcode: int, payload: bytes) -> bool:
        if opcode == CLOSE:
            self._line.finish(GOODBYE)
            return False
        if opcode == PING:
            self._outlet.push(frame(payload, PONG))
        elif opcode != PONG:
            self._lines.hand_on(self._line, text_of(payload) if opcode == TEXT else payload)
        return not self._line.is_cut

    def _count(self) -> None:
        if not self._line.takes_a_frame():
            raise Violation(SLOW_DOWN)

    def _write_with_tls(self) -> None:
        while data := self._outlet.get():
            try:
                self._connection.sendall(data)
            except OSError:
                break
            finally:
                self._outlet.sent(len(data))
        self._line.finish(GOODBYE)
