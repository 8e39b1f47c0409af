"""Which frames of a client are handed on. Asked before Engine.IO and Socket.IO parse them.

They take more than our clients ever send: binary attachments that are collected without
end, JSON that is none, and what they cannot parse leaves a traceback and a dead socket.
"""

import re

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


def is_wanted(frame: object) -> bool:
    """Return whether to hand `frame` on, or raise `BadFrame`.

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
    if not _fits(kind, data):
        raise BadFrame(ack_id if kind == _EVENT else "")
    return True


def _fits(kind: str, data: str) -> bool:
    if kind == _DISCONNECT or not data:
        return kind != _EVENT and not data
    try:
        value = strict_json.loads(data)
    except ValueError:
        return False
    if kind == _CONNECT:
        return True  # `auth`, whatever it is: connecting has a refusal of its own
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)
