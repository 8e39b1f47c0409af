"""Lets everything wait for a slow reader. W8 has to catch it."""

from chatapp.realtime.backlog import Backlog

Backlog._fits = lambda self, size: True  # type: ignore[method-assign]

from tests.faults.inside import app  # noqa: E402, F401 - after the change above
