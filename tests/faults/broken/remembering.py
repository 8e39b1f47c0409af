"""Remembers what has changed, and keeps its sockets open. S3 has to catch it."""

from chatapp.memory.memory import Memory

Memory.forget = lambda self, *about: None  # type: ignore[method-assign]

from tests.faults.broken.inattentive import app  # noqa: E402, F401 - after the change above
