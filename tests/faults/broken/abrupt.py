"""Ends at SIGTERM without a word to anybody. R6 has to catch it."""

import os

from chatapp.realtime.farewell import Farewell

Farewell.say = lambda self: os._exit(0)  # type: ignore[method-assign]

from tests.faults.inside import app  # noqa: E402, F401 - after the change above
