"""The frames of WebSockets, as a server reads and writes them. Bytes in, bytes out."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)
CONTROL = 0x8  # a bit of the opcode
FINAL, RESERVED, MASKED = 0x80, 0x70, 0x80
MOST_OF_CONTROL = 125  # bytes


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a whole frame, as servers send them: final and unmasked."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", FINAL | opcode, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", FINAL | opcode, 126, size) + payload
    return struct.pack("!BBQ", FINAL | opcode, 127, size) + payload


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the server closes a socket: the code and reason of the close frame."""

    code: int
    reason: str = ""

    def frame(self) -> bytes:
        return frame(struct.pack("!H", self.code) + self.reason.encode()[:100], CLOSE)  # of 123


PROTOCOL_ERROR = Ending(1002, "protocol_error")
BAD_TEXT = Ending(1007, "bad_text")
TOO_LARGE = Ending(1009, "too_large")


class Violation(Exception):
    """Not what a client may send; `ending` says why it is closed."""

    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self.ending = ending


class Parser:
    """Reads what one client sends; at most `limit_bytes` of it are kept."""

    def __init__(self, limit_bytes: int, count: Callable[[], None]) -> None:
        """`count` hears of each frame, also of parts and of those that carry no message."""
        self._limit_bytes = limit_bytes
        self._count = count
        self._unread = bytearray()
        self._parts = bytearray()
        self._opcode: int | None = None  # of the message whose parts are coming

    def messages(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Return opcode and payload of each message that `data` completes, or raise `Violation`."""
        self._unread += data
        while found := self._next_frame():
            self._count()
            opcode, is_final, payload = found
            if opcode & CONTROL:
                yield opcode, payload
            elif message := self._assembled(opcode, is_final, payload):
                yield message

    def _next_frame(self) -> tuple[int, bool, bytes] | None:
        unread = self._unread
        if len(unread) < 2:
            return None
        opcode, is_final, size = unread[0] & 0x0F, bool(unread[0] & FINAL), unread[1] & 0x7F
        if unread[0] & RESERVED or opcode not in OPCODES or not unread[1] & MASKED:
            raise Violation(PROTOCOL_ERROR)
        if opcode & CONTROL and (size > MOST_OF_CONTROL or not is_final):
            raise Violation(PROTOCOL_ERROR)
        mask_at = 2 + {126: 2, 127: 8}.get(size, 0)
        if len(unread) < mask_at + 4:
            return None
        if size > MOST_OF_CONTROL:
            size = int.from_bytes(unread[2:mask_at], "big")
        if size > self._limit_bytes:
            raise Violation(TOO_LARGE)
        end = mask_at + 4 + size
        if len(unread) < end:
            return None
        payload = unmask(unread[mask_at + 4 : end], unread[mask_at : mask_at + 4])
        del unread[:end]
        return opcode, is_final, payload

    def _assembled(self, opcode: int, is_final: bool, payload: bytes) -> tuple[int, bytes] | None:
        if (opcode == CONTINUATION) != (self._opcode is not None):
            raise Violation(PROTOCOL_ERROR)
        if is_final and opcode != CONTINUATION:
            return opcode, payload
        self._opcode = opcode or self._opcode
        self._parts += payload
        if len(self._parts) > self._limit_bytes:
            raise Violation(TOO_LARGE)
        if not is_final:
            return None
        message = (self._opcode or TEXT, bytes(self._parts))
        self._opcode, self._parts = None, bytearray()
        return message


def text_of(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Violation(BAD_TEXT) from None


def unmask(payload: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """Return the payload as it was before the client masked it, in one operation on numbers."""
    size = len(payload)
    key = (bytes(mask) * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(
        size, "little"
    )
