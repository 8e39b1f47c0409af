"""Reads of a session that has ended and leaves its sockets open. S3 has to catch it."""

from chatapp.realtime.ended import EndedSessions

EndedSessions.hear = lambda self, about: None  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
