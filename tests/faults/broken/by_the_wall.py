"""Takes a clock that was set for silence, and closes the socket. R12 has to catch it."""

import time

from chatapp.realtime.line import Line

_stock = Line._heard_pong


def _heard_pong(self: Line) -> None:
    _stock(self)
    self.socket.last_ping = time.time()  # which Engine.IO looks at before it sends


Line._heard_pong = _heard_pong  # type: ignore[method-assign]

from tests.faults.stepping import app  # noqa: E402, F401 - after the change above
