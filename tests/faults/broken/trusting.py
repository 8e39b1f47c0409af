"""Hands every frame on, as many as come. W4, W5 and W6 have to catch it."""

from chatapp.realtime import frames
from chatapp.realtime.line import Line

frames.wanted = lambda frame: True  # type: ignore[assignment]
Line.takes_a_frame = lambda self: True  # type: ignore[method-assign]

from tests.faults.inside import app  # noqa: E402, F401 - after the change above
