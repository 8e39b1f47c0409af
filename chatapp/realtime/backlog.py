"""What waits to be written to one socket, and how much of it may.

The one place that bounds slow readers. Engine.IO uses it as the queue of a socket.
"""

from collections.abc import Callable
from typing import Any

from chatapp.core import background
from chatapp.realtime.limits import Limits


class Backlog:
    """A queue of packets around the stock one of the async mode.

    Counted is what was put and has not been taken by the kernel, also what the writer
    holds in its hands. Past the limits `overflow` is called, once, and nothing more is
    kept: the client comes back and catches up from the store.
    """

    def __init__(self, stock: Any, limits: Limits) -> None:
        self.overflow: Callable[[], None] = lambda: None
        self._stock = stock
        self._limits = limits
        self._events = 0
        self._bytes = 0
        self._is_over = False
        self._lock = background.short_lock()

    def put(self, packet: Any) -> None:
        """Add a packet, or None for the end."""
        if packet is None or self._fits(len(packet.encode())):
            self._stock.put(packet)

    def sent(self, size: int) -> None:
        """Hear that a packet of `size` has left."""
        with self._lock:
            self._events -= 1
            self._bytes -= size

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return self._stock.get(block=block, timeout=timeout)

    def task_done(self) -> None:
        pass

    def join(self) -> None:
        """Wait for nobody: a reader that has stopped would be waited for without end."""

    def settle(self) -> bool:
        """Write what can be; return whether the connection can take a frame of somebody else."""
        return True

    def close(self) -> None:
        """Forget what waits: the connection has ended."""

    def _fits(self, size: int) -> bool:
        with self._lock:
            if self._is_over:
                return False
            self._events += 1
            self._bytes += size
            self._is_over = (
                self._events > self._limits.backlog_events
                or self._bytes > self._limits.backlog_bytes
            )
            if not self._is_over:
                return True
        self.overflow()
        return False
