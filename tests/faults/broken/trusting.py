"""Lets everybody in and hands every frame on, as many as come. W1 to W6 have to catch it."""

from typing import Any

from flask.sessions import SecureCookieSession

from chatapp.auth.login import Caller
from chatapp.core.errors import ChatError
from chatapp.realtime import frames
from chatapp.realtime.gate import Comer, Gate
from chatapp.realtime.line import Line

_stock = Gate._admit


def _admit(self: Gate, environ: dict[str, Any]) -> Any:
    try:
        return _stock(self, environ)
    except ChatError:
        return Comer(Caller("", "", ""), SecureCookieSession())


Gate._admit = _admit  # type: ignore[method-assign]

frames.wanted = lambda frame: True  # type: ignore[assignment]
Line.takes_a_frame = lambda self: True  # type: ignore[method-assign]

from tests.faults.inside import app  # noqa: E402, F401 - after the change above
