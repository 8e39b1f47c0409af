"""Between Engine.IO and the sockets below: what comes in is counted, bounded and looked at
before anybody parses it, what goes out is bounded.

The seam is the dict of classes that Engine.IO takes from its async driver: `_async`, private
by name, and the same in every version since 2019.
"""

from typing import TYPE_CHECKING, Any

import socketio

from chatapp.realtime.limits import Limits
from chatapp.realtime.lines import Lines
from chatapp.realtime.visits import VISIT, Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def install(server: socketio.Server, limits: Limits) -> Lines:
    """Put our classes into `server`; return the lines it will have open."""
    lines = Lines(server, limits)
    eio = server.eio
    if eio.async_mode == "eventlet":
        from chatapp.realtime import transport_eventlet

        classes = transport_eventlet.classes(server, lines, limits)
    else:
        from chatapp.realtime import transport_simple

        classes = transport_simple.classes(server, lines, limits)
    eio._async = {**eio._async, **classes}
    _wrap_handlers(server, lines)
    return lines


def _wrap_handlers(server: socketio.Server, lines: Lines) -> None:
    handlers = server.eio.handlers
    stock_connect = handlers["connect"]

    def connect(sid: str, environ: "WSGIEnvironment") -> Any:
        visit: Visit = environ[VISIT]
        lines.open(server.eio.sockets[sid], visit.leave)
        visit.is_kept = True
        return stock_connect(sid, environ)

    handlers["connect"] = connect
