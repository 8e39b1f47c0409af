"""The WebSockets of simple-websocket, guarded: for threads, and for gevent."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import simple_websocket
import socketio

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.limits import Limits
from chatapp.realtime.line import GOODBYE, SLOW_DOWN, Line
from chatapp.realtime.lines import Lines

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def classes(server: socketio.Server, lines: Lines, limits: Limits) -> dict[str, Any]:
    """Return what Engine.IO is to use in place of its own."""
    stock = server.eio._async
    return {
        "queue": lambda: Backlog(stock["queue"](), limits),
        "websocket": _transport(stock["websocket"], lines, limits),
    }


class Guard:
    """A WebSocket as Engine.IO sees it: only frames that it can parse come out."""

    def __init__(self, websocket: Any, line: Line, lines: Lines) -> None:
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
            if self._lines.wanted(self._line, frame):
                self._line.is_busy = True
                return frame
        return None

    def send(self, data: str) -> None:
        try:
            self._websocket.send(data)
        finally:
            self._line.socket.queue.sent(len(data))

    def close(self) -> None:
        self._line.finish(GOODBYE)


def _without_extensions(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Compression makes much of a small frame; nothing of ours is worth compressing."""
    return {
        name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"
    }


def _transport(stock: Any, lines: Lines, limits: Limits) -> type:
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
