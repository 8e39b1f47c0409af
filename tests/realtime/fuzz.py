"""F1: random frames that look like Engine.IO and Socket.IO, most parts right and one wrong."""

import json
import random
import string
from typing import Any

_CORPUS = (
    "NaN",
    "-Infinity",
    "1e400",
    str(2**53 + 1),
    "[" * 25 + "]" * 25,
    "[" * 3000,
    '{"a":1,"a":2}',
    '{"a":',
    "\ufeff{}",
    '"\\ud800"',
    '"\\u0000"',
    "[1,]",
)
_NAMES = (
    "post_message",
    "connect",
    "disconnect",
    "connect_error",
    "message",
    "__init__",
    "trigger_event",
    "message_posted",
    "*",
    "",
)
_NAMESPACES = ("/chat,", "/chat,", "/chat,", "/chat,", "", "/,", "/admin,", "/chat?a=1,", "/chat")


class Fuzz:
    """`auth` and `room_id` are good ones, so that some frames get all the way."""

    def __init__(self, seed: int, auth: dict[str, str], room_id: str) -> None:
        self._random = random.Random(seed)
        self._auth = auth
        self._room_id = room_id

    def frame(self) -> str | bytes:
        chosen = self._random.random()
        if chosen < 0.04:
            return self._random.randbytes(self._random.randrange(200))
        if chosen < 0.08:
            return self._noise(self._random.randrange(60))
        if chosen < 0.16:
            return self._random.choice("0123456789b") + self._noise(self._random.randrange(4))
        whole = "4" + self._packet()
        return self._damaged(whole) if chosen > 0.8 else whole

    def _packet(self) -> str:
        kind = self._random.choice("0122222223456789")
        count = f"{self._random.choice((0, 1, 3, 10**9))}-" if kind in "56" else ""
        namespace = self._random.choice(_NAMESPACES)
        ack_id = self._random.choice(("", "0", "1", "7", "123456", "9" * 30, "-1", "1.5"))
        return f"{kind}{count}{namespace}{ack_id}{self._data(kind)}"

    def _data(self, kind: str) -> str:
        if self._random.random() < 0.15:
            return self._random.choice(_CORPUS)
        if kind == "0":
            return json.dumps(self._random.choice((self._auth, {}, {"csrf": self._value(2)})))
        return json.dumps([self._random.choice(_NAMES), *self._arguments()])

    def _arguments(self) -> list[Any]:
        post = {"room_id": self._room_id, "text": self._noise(20), "client_id": "a-1"}
        post[self._random.choice(("room_id", "text", "client_id", "more"))] = self._value(3)
        return [
            self._random.choice((post, self._value(3)))
            for _ in range(self._random.choice((0, 1, 1, 1, 2)))
        ]

    def _value(self, depth: int) -> Any:
        chosen = self._random.randrange(9 if depth else 6)
        if chosen > 6:
            return {
                self._noise(3): self._value(depth - 1) for _ in range(self._random.randrange(4))
            }
        if chosen > 5:
            return [self._value(depth - 1) for _ in range(self._random.randrange(4))]
        return (
            None,
            True,
            self._random.randrange(-(2**60), 2**60),
            self._random.random(),
            self._noise(30),
            self._room_id,
        )[chosen]

    def _damaged(self, whole: str) -> str:
        at, to = sorted(self._random.randrange(len(whole) + 1) for _ in range(2))
        kept = whole[:at] + whole[to:]
        return self._random.choice(
            (kept, whole[:at], whole[:at] + self._noise(3) + whole[at:], whole * 2)
        )

    def _noise(self, length: int) -> str:
        alphabet = string.printable + "\x00\x7f\u202e\u200b\ufeff\U0001f331é"
        return "".join(self._random.choice(alphabet) for _ in range(length))
