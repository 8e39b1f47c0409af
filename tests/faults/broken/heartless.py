"""Trusts Redis to carry everything. R8 has to catch it."""

from chatapp.realtime.heartbeat import Heartbeat

Heartbeat.beat = lambda self: None  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
