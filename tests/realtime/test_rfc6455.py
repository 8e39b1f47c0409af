"""W3, W5: the frames of WebSockets, against wsproto, which reads and writes them in its own way."""

import os
import random
import struct
from typing import Any

import pytest
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol, Opcode

from chatapp.realtime import rfc6455
from chatapp.realtime.line import SLOW_DOWN
from chatapp.realtime.rfc6455 import (
    BAD_TEXT,
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_LARGE,
    Ending,
    Parser,
    Violation,
)

LIMIT_BYTES = 70_000
SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, LIMIT_BYTES]


def parser(**options: Any) -> Parser:
    return Parser(**{"limit_bytes": LIMIT_BYTES, "count": lambda: None, **options})


def read(*data: bytes) -> list[tuple[int, bytes]]:
    """Return what a server understands of what comes in these pieces."""
    reading = parser()
    return [message for piece in data for message in reading.messages(piece)]


def refused(*data: bytes, **options: Any) -> Ending:
    reading = parser(**options)
    try:
        for piece in data:
            list(reading.messages(piece))
    except Violation as violation:
        return violation.ending
    raise AssertionError("not refused")


def raw(first: int, payload: bytes = b"", *, size: int | None = None, masked: bool = True) -> bytes:
    """Return a frame with any first byte, which may say another size than it has."""
    size = len(payload) if size is None else size
    bit = 0x80 if masked else 0
    head = struct.pack("!BB", first, bit | min(size, 126))
    if size > 125:
        head = struct.pack("!BBQ", first, bit | 127, size)
    return head + (bytes(4) if masked else b"") + payload


def client() -> FrameProtocol:
    return FrameProtocol(client=True, extensions=[])


class TestWhatAClientSends:
    @pytest.mark.parametrize("size", SIZES)
    def test_is_read_whatever_its_size(self, size: int) -> None:
        payload = os.urandom(size)

        assert read(client().send_data(payload)) == [(BINARY, payload)]

    def test_is_read_in_whatever_pieces_it_comes(self) -> None:
        said = ["", "hello", "上海 🙂" * 30, "x" * 66_000, "bye"]
        sent = b"".join(client().send_data(text) for text in said)
        sent += client().ping(b"are you there") + client().close(1000)

        for most in (1, 7, 1_448, 100_000):
            pieces, left = [], sent
            while left:
                size = random.randint(1, most)
                pieces.append(left[:size])
                left = left[size:]
            *messages, ping, close = read(*pieces)

            assert messages == [(TEXT, text.encode()) for text in said]
            assert ping == (PING, b"are you there")
            assert close == (CLOSE, struct.pack("!H", 1000))

    def test_is_put_together_from_fragments_with_pings_between(self) -> None:
        sender = client()
        sent = [
            sender.send_data("one ", fin=False),
            sender.ping(b"!"),
            sender.send_data("two ", fin=False),
            sender.send_data("three", fin=True),
            client().send_data("next"),
        ]

        assert read(*sent) == [(PING, b"!"), (TEXT, b"one two three"), (TEXT, b"next")]

    @pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 125, 65_536])
    def test_is_unmasked(self, size: int) -> None:
        payload, mask = os.urandom(size), os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

        assert rfc6455.unmask(masked, mask) == payload


class TestWhatNoClientMaySend:
    @pytest.mark.parametrize(
        "frame",
        [
            raw(0x81, b"hello", masked=False),
            raw(0xC1, b"hello"),
            raw(0x91, b"hello"),
            raw(0xA1, b"hello"),
            raw(0x83, b"hello"),
            raw(0x8B, b"hello"),
            raw(0x8F),
            raw(0x09, b"part of a ping"),
            raw(0x89, b"x" * 126),
            raw(0x80, b"nothing to continue"),
            raw(0x01, b"begun") + raw(0x81, b"begun again"),
        ],
        ids=lambda frame: frame[:3].hex(),
    )
    def test_W5_breaks_the_protocol(self, frame: bytes) -> None:
        assert refused(frame) == PROTOCOL_ERROR
        assert refused(*(bytes([byte]) for byte in frame)) == PROTOCOL_ERROR

    def test_W5_is_compressed(self) -> None:
        compress = PerMessageDeflate()
        compress._enabled = True

        assert refused(FrameProtocol(client=True, extensions=[compress]).send_data("x" * 99)) == (
            PROTOCOL_ERROR
        )

    @pytest.mark.parametrize("size", [LIMIT_BYTES + 1, 2**32, 2**63, 2**64 - 1])
    def test_W3_is_refused_before_it_has_come(self, size: int) -> None:
        assert refused(raw(0x81, size=size)) == TOO_LARGE

    def test_W3_does_not_get_larger_in_fragments(self) -> None:
        sender = client()
        sent = [sender.send_data(b"x" * 30_000, fin=False) for _ in range(3)]

        assert refused(*sent) == TOO_LARGE

    @pytest.mark.parametrize("payload", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"abc\xe4"])
    def test_I2_is_no_text(self, payload: bytes) -> None:
        with pytest.raises(Violation) as violation:
            rfc6455.text_of(payload)

        assert violation.value.ending == BAD_TEXT

    def test_W6_is_counted_a_frame_at_a_time(self) -> None:
        counted = []

        def count() -> None:
            counted.append(1)
            if len(counted) > 5:
                raise Violation(SLOW_DOWN)

        many = raw(0x01) + raw(CONTINUATION) * 3 + raw(0x8A) * 100

        assert refused(many, count=count) == SLOW_DOWN
        assert len(counted) == 6


class TestWhatAServerSends:
    @pytest.mark.parametrize("size", [*SIZES, 200_000])
    def test_is_read_by_a_client(self, size: int) -> None:
        reading = client()
        reading.receive_bytes(rfc6455.frame(b"x" * size))

        parts = list(reading.received_frames())

        assert all(part.opcode in (Opcode.TEXT, Opcode.CONTINUATION) for part in parts)
        assert "".join(part.payload for part in parts) == "x" * size
        assert parts[-1].message_finished

    def test_ends_with_a_close_frame(self) -> None:
        assert Ending(4413, "fell_behind").frame() == b"\x88\x0d\x11\x3dfell_behind"
        assert len(Ending(1002, "x" * 500).frame()) <= 127
