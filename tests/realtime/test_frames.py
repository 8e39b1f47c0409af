"""Which frames are handed on to Engine.IO and Socket.IO, before they parse anything."""

import random

import pytest
import socketio

from chatapp.realtime import frames
from tests.corpora.json_texts import J
from tests.realtime.fuzz import Fuzz

WANTED = [
    "1",
    "3",
    "40/chat,",
    '40/chat,{"csrf":"x"}',
    "40/chat,5",
    "41/chat,",
    '42/chat,["post_message",{}]',
    '42/chat,7["post_message",{"room_id":"a","text":"b"}]',
    '42/chat,999999999999999["x"]',
]
BAD = [
    "",
    "0",
    "0{}",
    "2",
    "2probe",
    "3probe",
    "5",
    "6",
    "4",
    "7",
    "x",
    "40",
    "40/admin,",
    "40/chat?x=1,",
    '42["post_message",{}]',
    "41/chat,{}",
    "44/chat,{}",
    "47/chat,",
    "42/chat,",
    "42/chat,7",
    "42/chat,[]",
    "42/chat,{}",
    "42/chat,[7]",
    "42/chat,[null]",
    "42/chat,[[]]",
    '42/chat,9999999999999999["x"]',
    '42/chat,-1["x"]',
    '42/chat,["x"]["y"]',
    '42/chat,["x",NaN]',
    '40/chat,{"csrf":NaN}',
    None,
    5,
]
BINARY = [
    b"",
    b"\x04",
    bytes(1_000),
    "bAAAA",
    '451-/chat,["post_message",{"_placeholder":true,"num":0}]',
    "461-/chat,7[]",
    "459999999999-/chat,[]",
    '45/chat,["x"]',
]
ACKS = ["43/chat,0[]", "43/chat,7[{}]", '43/chat,7["x",{"ok":true}]', "43/chat,", "43/chat,7NaN"]


@pytest.mark.parametrize("frame", WANTED)
def test_what_our_clients_send_is_wanted(frame: str) -> None:
    assert frames.wanted(frame)


@pytest.mark.parametrize("frame", BAD)
def test_W5_what_they_never_send_is_bad(frame: object) -> None:
    with pytest.raises(frames.BadFrame):
        frames.wanted(frame)


@pytest.mark.parametrize("frame", BINARY)
def test_W4_what_carries_attachments_is_bad(frame: object) -> None:
    with pytest.raises(frames.BadFrame):
        frames.wanted(frame)


@pytest.mark.parametrize("frame", ACKS)
def test_W7_an_acknowledgement_is_ignored(frame: str) -> None:
    assert not frames.wanted(frame)


@pytest.mark.parametrize("text", J.values(), ids=J)
def test_I2_a_request_that_is_no_json_can_be_answered(text: str) -> None:
    with pytest.raises(frames.BadFrame) as refused:
        frames.wanted(f'42/chat,7["post_message",{text or "}"}]')

    assert refused.value.ack_id == "7"


def test_W5_what_is_handed_on_can_be_parsed() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    fuzz = Fuzz(seed, {"csrf": "x"}, "665f00000000000000000000")

    handed_on = 0
    for _ in range(20_000):
        frame = fuzz.frame()
        try:
            if frames.wanted(frame) and isinstance(frame, str) and frame[0] == "4":
                packet = socketio.packet.Packet(encoded_packet=frame[1:])
                assert packet.attachment_count == 0
                assert packet.namespace == "/chat"
                handed_on += 1
        except frames.BadFrame:
            pass

    assert handed_on > 1_000
