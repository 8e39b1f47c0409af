"""Which frames of a client are handed on. Asked before Engine.IO and Socket.IO parse them.

They take more than our clients ever send: binary attachments that are collected without
end, JSON that is none, and what they cannot parse leaves a traceback and a dead socket.
"""

import re
from dataclasses import dataclass
from typing import Any

from chatapp.realtime import strict_json
from chatapp.realtime.channels import NAMESPACE

_CLOSE, _PONG = "1", "3"
_CONNECT, _DISCONNECT, _EVENT, _ACK = "0123"

# "4" is a message of Engine.IO. There is one namespace, and no packet with attachments.
_MESSAGE = re.compile(
    rf"4(?P<kind>[0-3]){NAMESPACE},(?P<ack_id>[0-9]{{0,15}})(?P<data>.*)", re.DOTALL
)


class BadFrame(Exception):
    """Not what a client of ours would send. With `ack_id` it can be answered."""

    def __init__(self, ack_id: str = "") -> None:
        super().__init__()
        self.ack_id = ack_id


@dataclass(frozen=True, slots=True)
class Asked:
    """An event, as Socket.IO would read it from its frame."""

    ack_id: str
    """Its number, or nothing where no answer is wanted."""
    data: list[Any]


def wanted(frame: object) -> Asked | bool:
    """Return whether to hand `frame` on, and what it asks; or raise `BadFrame`.

    Not wanted, though well formed, are acknowledgements: the server never asks for any.
    """
    if frame in (_CLOSE, _PONG):
        return True
    found = _MESSAGE.fullmatch(frame) if isinstance(frame, str) else None
    if found is None:
        raise BadFrame()
    kind, ack_id, data = found.groups()
    if kind == _ACK:
        return False
    if kind == _EVENT:
        return Asked(ack_id, _event(data, ack_id))
    if data and kind == _DISCONNECT:
        raise BadFrame()
    if data:  # `auth`, which may be anything: connecting has a refusal of its own
        _json(data)
    return True


def _event(data: str, ack_id: str) -> list[Any]:
    value = _json(data, ack_id)
    if not (isinstance(value, list) and value and isinstance(value[0], str)):
        raise BadFrame(ack_id)
    return value


def _json(data: str, ack_id: str = "") -> Any:
    try:
        return strict_json.loads(data)
    except ValueError:
        raise BadFrame(ack_id) from None
