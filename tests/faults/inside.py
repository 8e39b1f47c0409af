"""The chat, with a window into its process at /inside: what is open there, and what it weighs."""

import gc
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatapp.realtime.line import Line
from wsgi import app

_lines = app.extensions["lines"]
_server = app.extensions["socketio"].server
_visits = app.extensions["farewell"]._gate._visits
_chat = app.wsgi_app


_frames = 0
_takes_a_frame = Line.takes_a_frame


def _counting(line: Line) -> bool:
    global _frames  # noqa: PLW0603 - a number for tests to look at
    _frames += 1
    return _takes_a_frame(line)


Line.takes_a_frame = _counting  # type: ignore[method-assign]


def _greenlets() -> int:
    try:
        from greenlet import greenlet
    except ImportError:
        return 0
    return sum(isinstance(thing, greenlet) and bool(thing) for thing in gc.get_objects())


def _look() -> dict[str, int]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "pid": os.getpid(),
        "frames": _frames,
        "engine": len(_server.eio.sockets),
        "lines": len(_lines),
        "visits": len(_visits),
        "channels": sum(len(rooms) for rooms in _server.manager.rooms.values()),
        "tasks": max(_greenlets(), len(os.listdir("/proc/self/task"))),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "megabytes": pages * os.sysconf("SC_PAGE_SIZE") // 2**20,
    }


def _window(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/inside":
        return _chat(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(_look()).encode()]


app.wsgi_app = _window  # type: ignore[assignment]
