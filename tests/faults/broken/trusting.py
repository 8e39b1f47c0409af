"""Lets everybody in and hands every frame on, as many as come. W1 to W6 have to catch it."""

from chatapp.auth.login import Caller
from chatapp.realtime import frames
from chatapp.realtime.gate import Gate
from chatapp.realtime.line import Line

Gate._admit = lambda self, environ: (Caller("", "", ""), None)  # type: ignore[method-assign]

frames.wanted = lambda frame: True  # type: ignore[assignment]
Line.takes_a_frame = lambda self: True  # type: ignore[method-assign]

from tests.faults.inside import app  # noqa: E402, F401 - after the change above
