"""Between Engine.IO and the WebSocket libraries of the async modes.

What comes in is counted, bounded and looked at before anybody parses it; what goes out is
counted off the backlog. The seam is the dict of classes that Engine.IO takes from its
async driver: `_async`, private by name, and the same in every version since 2019.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import socketio
from engineio import packet as engine

from chatapp.core.errors import BadRequest, describe
from chatapp.realtime import frames, strict_json
from chatapp.realtime.backlog import Backlog
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.limits import Limits
from chatapp.realtime.line import BAD_FRAME, GOODBYE, SLOW_DOWN, TOO_LARGE, Ending, Line
from chatapp.realtime.lines import Lines

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def install(server: socketio.Server, limits: Limits) -> Lines:
    """Put the guards into `server`; return the lines it will have open."""
    lines = Lines(server, limits)
    eio = server.eio
    stock = eio._async
    make = _for_eventlet if eio.async_mode == "eventlet" else _for_simple_websocket
    eio._async = {
        **stock,
        "queue": lambda: Backlog(stock["queue"](), limits),
        "websocket": make(stock["websocket"], lines, limits),
    }
    stock_connect = eio.handlers["connect"]

    def connect(sid: str, environ: "WSGIEnvironment") -> Any:
        lines.open(eio.sockets[sid])
        return stock_connect(sid, environ)

    eio.handlers["connect"] = connect
    return lines


class Guard:
    """A WebSocket as Engine.IO sees it: only frames that it can parse come out."""

    def __init__(self, websocket: Any, line: Line, lines: Lines) -> None:
        self.socket = getattr(websocket, "socket", None)  # Engine.IO sets its timeout
        self._websocket = websocket
        self._line = line
        self._lines = lines

    def wait(self) -> str | None:
        """Return the next frame that is wanted, or None at the end."""
        frame = None
        try:
            frame = self._next()
        finally:
            if frame is None:
                self._line.start_closing()
        return frame

    def _next(self) -> str | None:
        self._line.is_busy = False
        while not self._line.is_ending:
            frame: str | None = self._websocket.wait()
            if frame is None or self._line.is_ending:
                return None
            try:
                if frames.is_wanted(frame):
                    self._line.is_busy = True
                    return frame
            except frames.BadFrame as bad:
                if not self._answer(bad.ack_id):
                    self._lines.refuse(self._line, BAD_FRAME)
        return None

    def send(self, data: str) -> None:
        try:
            self._websocket.send(data)
        finally:
            self._line.socket.queue.sent(len(data))

    def close(self) -> None:
        self._line.finish(GOODBYE)

    def _answer(self, ack_id: str) -> bool:
        if not ack_id or not self._lines.is_connected(self._line):
            return False
        refusal = strict_json.dumps([describe(BadRequest())])
        self._line.socket.send(engine.Packet(engine.MESSAGE, f"3{NAMESPACE},{ack_id}{refusal}"))
        return True


def _without_extensions(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Compression makes much of a small frame; nothing of ours is worth compressing."""
    return {
        name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"
    }


def _for_eventlet(stock: Any, lines: Lines, limits: Limits) -> type:
    from eventlet.websocket import ConnectionClosedError

    class Transport(stock):  # type: ignore[misc]
        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(handler, server)
            self.support_legacy_versions = False  # they know neither masks nor limits
            self.handler = self._handle
            self._engine = handler
            self._line = lines.of(handler.__self__)

        def __call__(
            self, environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            try:
                answer: Iterable[bytes] = super().__call__(
                    _without_extensions(environ), start_response
                )
                return answer
            finally:
                lines.over(self._line)

        def _handle(self, websocket: Any) -> None:
            self._line.attach(websocket.socket)
            websocket._apply_mask = unmask
            websocket.close = self._close
            websocket._recv_frame = _bounded(
                websocket._recv_frame, self._line, lines, limits, ConnectionClosedError
            )
            self._engine(Guard(websocket, self._line, lines))

        def _close(self, close_data: tuple[int, str] | None = None) -> None:
            self._line.finish(Ending(*close_data) if close_data else GOODBYE)

    return Transport


def _bounded(
    receive: Callable[..., Any],
    line: Line,
    lines: Lines,
    limits: Limits,
    closed: type[Exception],
) -> Callable[..., Any]:
    """Count every frame, control frames and fragments too; bound what fragments add up to."""

    def receive_frame(message: Any = None) -> Any:
        message = receive(message=message)
        if not line.takes_a_frame():
            lines.refuse(line, SLOW_DOWN)
            raise closed
        if sum(map(len, message.data)) > limits.frame_bytes:
            lines.refuse(line, TOO_LARGE)
            raise closed
        return message

    return receive_frame


def unmask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """Do what eventlet does a byte at a time, 30 times as fast."""
    start = offset % 4
    key = (bytes(mask)[start:] + bytes(mask)[:start]) * (len(data) // 4 + 1)
    masked = int.from_bytes(data, "little") ^ int.from_bytes(key[: len(data)], "little")
    return masked.to_bytes(len(data), "little")


def _for_simple_websocket(stock: Any, lines: Lines, limits: Limits) -> type:
    """For threads, and for gevent."""
    import simple_websocket

    class Server(simple_websocket.Server):  # type: ignore[misc]
        def __init__(self, line: Line, environ: "WSGIEnvironment", **options: Any) -> None:
            self.line = line  # before the rest, which starts a thread
            super().__init__(environ, max_message_size=limits.frame_bytes, **options)

        def handshake(self) -> None:
            super().handshake()
            self.line.attach(self.sock)
            stock_events = self.ws.events

            def events() -> Iterator[Any]:
                for event in stock_events():
                    is_whole = getattr(event, "frame_finished", True)  # else only a part of one
                    if is_whole and not self.line.takes_a_frame():
                        lines.refuse(self.line, SLOW_DOWN)
                        raise OSError("too many frames")
                    yield event

            self.ws.events = events

        def _thread(self) -> None:
            try:
                super()._thread()
            except Exception:  # noqa: BLE001 - wsproto has errors that simple-websocket forgets
                self.line.cut()
            finally:
                self.connected = False
                self.event.set()

    class Transport(stock):  # type: ignore[misc]
        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(handler, server)
            self._line = lines.of(handler.__self__)
            self._engine = handler

        def __call__(
            self, environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            try:
                return self._serve(_without_extensions(environ), start_response)
            finally:
                lines.over(self._line)

        def _serve(
            self, environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            try:
                self.ws = Server(self._line, environ, **self.server_args)
            except Exception:  # noqa: BLE001 - no WebSocket handshake, in one of many ways
                start_response("400 Bad Request", [("Connection", "close")])
                return []
            self._engine(Guard(self, self._line, lines))
            # How each server is told that the connection is not its own any more.
            if self.ws.mode == "gunicorn":
                raise StopIteration()
            if self.ws.mode == "werkzeug":
                raise ConnectionError()
            return []

    return Transport
