"""A TCP proxy that does to a connection what networks do."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Literal

Mode = Literal["pass", "hold"]
CHUNK_BYTES = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST


class Proxy:
    """Listens on a port of 127.0.0.1; `target` is a port or the path of a unix socket.

    - `delay_seconds`: each piece of data waits as long, in both directions.
    - `hold()`: a black hole: connections are made and stay, nothing passes, until `release()`.
    - `refuse()`: nobody listens, and who was connected is reset, until `release()`.
    - `cut()`: who is connected is reset. `half_open()`: the client is, the server hears nothing.
    - `drops(frame)`: a WebSocket frame to the client, as text, vanishes where that is true.
    """

    def __init__(self, target: int | str) -> None:
        self._target = target
        self.delay_seconds = 0.0
        self.drops: Callable[[str], bool] = lambda frame: False
        self._flows = threading.Event()
        self._flows.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._half_open: set[socket.socket] = set()
        """Ends at the server that are not told that the other one is gone."""
        self._is_refusing = False
        self._listener = self._listen(_bound(0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hold(self) -> None:
        self._flows.clear()

    def refuse(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # The port stays ours: who tries to connect to a free one again and again gets it.
        self._listener = _bound(self.port)
        self._is_refusing = True
        self.cut()

    def release(self) -> None:
        if self._is_refusing:
            self._is_refusing = False
            self._listener = self._listen(self._listener)
        self._flows.set()

    def cut(self) -> None:
        for pair in self._forgotten():
            for end in pair:
                _reset(end)

    def half_open(self) -> None:
        for near, far in self._forgotten():
            self._half_open.add(far)
            _reset(near)

    def _forgotten(self) -> list[tuple[socket.socket, socket.socket]]:
        pairs, self._pairs = self._pairs, []
        return pairs

    def close(self) -> None:
        self.refuse()
        self._listener.close()
        self._flows.set()

    def _listen(self, listener: socket.socket) -> socket.socket:
        listener.listen(256)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = self._reach()
            except OSError:
                _reset(near)
                continue
            self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Carry both ways until both have ended, and leave nothing open."""
        back = threading.Thread(target=self._pump, args=(far, near, True), daemon=True)
        back.start()
        self._pump(near, far, False)
        back.join()
        with contextlib.suppress(ValueError):  # it was cut
            self._pairs.remove((near, far))
        near.close()
        far.close()
        self._half_open.discard(far)

    def _reach(self) -> socket.socket:
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target), timeout=None)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._target)
        return far

    def _pump(self, source: socket.socket, sink: socket.socket, is_to_client: bool) -> None:
        frames = Frames()
        try:
            while data := source.recv(CHUNK_BYTES):
                self._flows.wait()
                if self.delay_seconds:
                    time.sleep(self.delay_seconds)
                if is_to_client:
                    data = frames.without(data, self.drops)
                sink.sendall(data)
        except OSError:
            pass
        for end in {source, sink} - self._half_open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _bound(port: int) -> socket.socket:
    """Return a socket that has the port, and does not listen yet."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class Frames:
    """A stream from a WebSocket server, cut into frames after its HTTP answer."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_upgraded = False

    def without(self, data: bytes, drops: Callable[[str], bool]) -> bytes:
        self._rest += data
        if not self._is_upgraded:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end or b" 101 " not in head.partition(b"\r\n")[0]:
                passed, self._rest = self._rest, b""
                return passed
            self._is_upgraded, self._rest = True, rest
            return head + end + self._frames(drops)
        return self._frames(drops)

    def _frames(self, drops: Callable[[str], bool]) -> bytes:
        passed = b""
        while (size := self._size()) and len(self._rest) >= sum(size):
            frame, self._rest = self._rest[: sum(size)], self._rest[sum(size) :]
            if not drops(frame[size[0] :].decode(errors="replace")):
                passed += frame
        return passed

    def _size(self) -> tuple[int, int] | None:
        """Return the lengths of the next frame's head and body, if its head is here."""
        if len(self._rest) < 2:
            return None
        length, more = self._rest[1] & 0x7F, {126: 2, 127: 8}.get(self._rest[1] & 0x7F, 0)
        if len(self._rest) < 2 + more:
            return None
        body = int.from_bytes(self._rest[2 : 2 + more]) if more else length
        return 2 + more, body


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.shutdown(socket.SHUT_RDWR)
    end.close()
