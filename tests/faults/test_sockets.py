"""W rows and F1, against a real server: what a client can do to it and to the others."""

import contextlib
import json
import random
import re
import select
import socket
import statistics
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import websocket

from config import LIMITS
from tests.faults.audit import Verdict, audit
from tests.faults.conftest import Town
from tests.faults.figures import Keep
from tests.faults.sizes import Sizes
from tests.realtime.fuzz import Fuzz
from tests.server import EVENTLET, running
from tests.wire import LIMIT_SECONDS, Person, Wire, until

# The limits that people have, but that one person plays many here and talks without a pause.
CROWD = {
    **{name: str(usual) for name, usual in LIMITS.items()},
    "CHATAPP_SOCKETS_PER_PERSON": "1000",
    "CHATAPP_HANDSHAKES_PER_MINUTE": "100000",
    "CHATAPP_MESSAGES_BURST": "100000",
    "CHATAPP_FRAMES_BURST": "1000",  # a fast machine takes more than 50 messages a second
    "CHATAPP_CONNECT_SECONDS": "2",
}
MANY_THREADS = ("gunicorn", "-w", "1", "--threads", "200", "wsgi:app")  # one for each socket
ON_THREADS = {"CHATAPP_ASYNC_MODE": "threading"}
SERVERS = {
    "eventlet": (EVENTLET, "inside", {}),
    "threads": (MANY_THREADS, "inside", ON_THREADS),
    "short-spoken": (EVENTLET, "inside", {"CHATAPP_MESSAGES_BURST": "20"}),
    "short-spoken on threads": (
        MANY_THREADS,
        "inside",
        {"CHATAPP_MESSAGES_BURST": "20", **ON_THREADS},
    ),
    "trusting": (
        EVENTLET,
        "broken.trusting",
        {"CHATAPP_CONNECT_SECONDS": "600", "CHATAPP_FRAME_BYTES": "10000000"},
    ),
    "unbounded": (EVENTLET, "broken.unbounded", {}),
}


def on(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("town", names, indirect=True, scope="module")


both = on("eventlet", "threads")

FRAME_BYTES = 64 * 1024
LOG_BYTES = 100_000
CLEAN_LIMIT_SECONDS = 60.0
SAID = 250  # messages of 9 kB each, as they are told: twice what may wait
FIXED_SEED = 20261123


@pytest.fixture
def server_name(request: pytest.FixtureRequest) -> str:
    """What the server of this test is called in the table."""
    return str(request.node.callspec.params["town"])


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Town]:
    """Three people on one of the servers, for all tests that want that one."""
    command, program, settings = SERVERS[request.param]
    command = (*command[:-1], f"tests.faults.{program}:app")
    with running(tmp_path_factory.mktemp("town"), command, **{**CROWD, **settings}) as server:
        ana = Person(server.url)
        invite = ana.set_up("ana")
        people = [ana, Person(server.url), Person(server.url)]
        for number in (1, 2):
            people[number].sign_up(invite, f"guest{number}")
        yield Town(server=server, people=people, room_id=ana.first_room())


class Raw:
    """A WebSocket without manners: it answers nothing by itself, and can stop reading."""

    def __init__(self, person: Person, *, receive_bytes: int = 0, **headers: Any) -> None:
        small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)] if receive_bytes else []
        self.websocket = websocket.create_connection(
            person.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
            timeout=LIMIT_SECONDS,
            **{"cookie": person.cookie(), "origin": person.url, "sockopt": small, **headers},
        )
        self.read_until("0{")

    def connect(self, person: Person) -> "Raw":
        self.send("40/chat," + json.dumps({"csrf": person.csrf()}))
        self.read_until("40/chat,{")
        return self

    def read_until(self, start: str) -> str:
        while not (frame := str(self.websocket.recv())).startswith(start):
            assert frame, "closed"
        return frame

    def send(self, frame: str | bytes) -> bool:
        """Return whether it could be sent."""
        kind = websocket.ABNF.OPCODE_BINARY
        try:
            if isinstance(frame, bytes):
                self.websocket.send(frame, kind)
            else:
                self.websocket.send(frame)
        except (websocket.WebSocketException, OSError):
            return False
        return True

    def send_bytes(self, data: bytes) -> bool:
        try:
            self.websocket.sock.sendall(data)
        except OSError:
            return False
        return True

    def is_closed(self) -> bool:
        """Return whether the server has closed it by now; what else it says is dropped."""
        try:
            while select.select([self.websocket.sock], [], [], 0)[0]:
                if not self.websocket.sock.recv(65536):
                    return True
        except OSError:
            return True
        return False

    def ending(self) -> int:
        """Read to the end; return the code of the close frame, 0 where there was none."""
        try:
            while True:
                opcode, data = self.websocket.recv_data(control_frame=True)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return int(struct.unpack("!H", data[:2])[0]) if data else 0
        except websocket.WebSocketTimeoutException as timeout:
            raise TimeoutError from timeout
        except (websocket.WebSocketException, OSError):
            return 0

    def close(self) -> None:
        self.websocket.shutdown()


@pytest.fixture
def raw(town: Town) -> Iterator[Callable[..., Raw]]:
    """Return a function that opens one; all are closed at the end."""
    opened: list[Raw] = []

    def open_one(person: Person | None = None, **options: Any) -> Raw:
        opened.append(Raw(person or town.people[1], **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def inside(town: Town) -> dict[str, int]:
    found: dict[str, int] = town.people[0].get_json("/inside")
    return found


def _is_back(town: Town, before: dict[str, int]) -> bool:
    now = inside(town)
    print(now)
    spare = {"tasks": 4, "descriptors": 4}  # of pools
    return all(
        now[name] <= before[name] + spare.get(name, 0)
        for name in before
        if name not in ("pid", "frames", "megabytes")
    )


def _warmed(town: Town) -> dict[str, int]:
    """Return what is inside once there are the tasks and threads that the first sockets bring."""
    at_first = inside(town)["lines"]
    wires = [town.people[0].socket() for _ in range(3)]
    assert _says(town, wires[0])
    for wire in wires:
        wire.close()
    until(lambda: inside(town)["lines"] <= at_first)
    return inside(town)


def _says(town: Town, wire: Wire, text: str = "still here") -> bool:
    ack = wire.ask("post_message", {"room_id": town.room_id, "text": text})
    return bool(ack and ack["ok"])


class TestW1Handshakes:
    @on("eventlet")
    def test_W1_of_strangers_are_refused_and_make_nothing(self, town: Town) -> None:
        before = inside(town)
        stranger = Person(town.server.url)

        for _ in range(200):
            with pytest.raises(websocket.WebSocketBadStatusException) as refused:
                Raw(stranger)
            assert refused.value.status_code == 401

        assert _is_back(town, before)

    @both
    def test_W1_who_never_connects_is_closed(self, town: Town, raw: Callable[..., Raw]) -> None:
        before = _warmed(town)
        connected, silent, chatty = raw().connect(town.people[1]), raw(), raw()

        def chat() -> None:
            while chatty.send("3"):
                time.sleep(0.1)

        threading.Thread(target=chat, daemon=True).start()

        assert silent.ending() == 4408
        assert chatty.ending() in (0, 4408)  # it may be reset in the middle of a word
        until(lambda: inside(town)["lines"] == 1)
        connected.close()
        until(lambda: _is_back(town, before))

    @on("trusting")
    def test_W1_teeth_asking_nobody_who_they_are_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        before = inside(town)

        raw(Person(town.server.url))

        assert inside(town)["lines"] == before["lines"] + 1

    @on("trusting")
    def test_W1_teeth_waiting_for_ever_is_caught(self, town: Town, raw: Callable[..., Raw]) -> None:
        silent = raw()
        silent.websocket.settimeout(2 * int(CROWD["CHATAPP_CONNECT_SECONDS"]))

        with pytest.raises(TimeoutError):
            silent.ending()


class TestW3Frames:
    @both
    def test_W3_that_are_too_large_close_their_socket_and_no_other(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        bystander = town.people[0].socket()
        before = inside(town)

        for attack in (_one_byte_more, _two_megabytes, _declared, _in_parts):
            one = raw().connect(town.people[1])
            attack(one)
            assert one.ending() in (0, 1009), attack.__name__
            assert _says(town, bystander)

        until(lambda: _is_back(town, before))
        assert inside(town)["megabytes"] <= before["megabytes"] + 10
        bystander.close()

    @both
    def test_W3_that_just_fit_are_answered(self, town: Town, raw: Callable[..., Raw]) -> None:
        one = raw().connect(town.people[1])

        one.send(_request_of(FRAME_BYTES))

        assert '"bad_request"' in one.read_until("43/chat,1")

    @on("trusting")
    def test_W3_teeth_taking_frames_of_any_size_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        one = raw().connect(town.people[1])

        _one_byte_more(one)

        assert '"bad_request"' in one.read_until("43/chat,1")


def _request_of(size: int) -> str:
    start, end = '42/chat,1["post_message",{"room_id":"', '"}]'
    return start + "x" * (size - len(start) - len(end)) + end


def _one_byte_more(one: Raw) -> None:
    one.send(_request_of(FRAME_BYTES + 1))


def _two_megabytes(one: Raw) -> None:
    one.send("x" * 2_000_000)


def _declared(one: Raw) -> None:
    # One library reads the length and has enough, the other one counts what comes.
    one.send_bytes(struct.pack("!BBQ", 0x81, 0x80 | 127, 2**62) + b"mask" + bytes(70_000))


def _in_parts(one: Raw) -> None:
    part = b"x" * 30_000
    head = struct.pack("!BH", 0x80 | 126, len(part)) + b"\0\0\0\0" + part
    for number in range(70):
        if not one.send_bytes(bytes([0 if number else 1]) + head):
            break


class TestW4Binary:
    @on("eventlet")
    def test_W4_is_refused_and_takes_no_memory(self, town: Town, raw: Callable[..., Raw]) -> None:
        before = inside(town)

        assert _attach(raw, town, 20) == [4400] * 20

        until(lambda: _is_back(town, before))
        assert inside(town)["megabytes"] <= before["megabytes"] + 5

    @on("trusting")
    def test_W4_teeth_collecting_attachments_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        one = raw().connect(town.people[1])
        one.send(_DECLARED)
        one.websocket.settimeout(2)

        with pytest.raises(TimeoutError):
            one.ending()


_DECLARED = '451000-/chat,["post_message",{"_placeholder":true,"num":0}]'


def _attach(raw: Callable[..., Raw], town: Town, times: int) -> list[int]:
    endings = []
    for _ in range(times):
        one = raw().connect(town.people[1])
        one.send(_DECLARED)
        for _ in range(20):
            if not one.send(bytes(60_000)):
                break
        endings.append(one.ending())
        one.close()
    return [ending or 4400 for ending in endings]  # 0: the reset was faster than the word


class TestW5RandomFrames:
    @both
    def test_W5_F1_leave_nothing_behind(
        self, town: Town, sizes: Sizes, raw: Callable[..., Raw], keep: Keep, server_name: str
    ) -> None:
        bystander = town.people[0].socket()
        assert _says(town, bystander)
        before = inside(town)
        fresh = random.randrange(2**32)
        print(f"seeds {FIXED_SEED} {fresh}")

        for number, seed in enumerate((FIXED_SEED, fresh), start=1):
            enough = before["frames"] + number * sizes.frames // 2
            _throw(town, Fuzz(seed, _auth(town), town.room_id), enough, raw)

        until(lambda: _is_back(town, before), CLEAN_LIMIT_SECONDS)
        after = inside(town)
        log = town.server.log.read_text()
        print(f"before {before}, after {after}")
        more = after["megabytes"] - before["megabytes"]
        keep(
            f"W5 random frames, {server_name}",
            Verdict(tries=after["frames"] - before["frames"]),
            f"log {len(log) / 1000:.1f} kB, memory {more:+} MB, nothing left open",
        )
        assert after["pid"] == before["pid"]
        assert "Traceback" not in log
        assert len(log) <= LOG_BYTES
        assert more <= 20
        assert bystander.is_open
        assert _says(town, bystander)
        bystander.close()

    @on("trusting")
    def test_W5_teeth_handing_everything_on_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        _throw(town, Fuzz(FIXED_SEED, _auth(town), town.room_id), 300, raw)

        until(lambda: "Traceback" in town.server.log.read_text())


def _auth(town: Town) -> dict[str, str]:
    return {"csrf": town.people[1].csrf()}


def _throw(town: Town, fuzz: Fuzz, enough: int, raw: Callable[..., Raw]) -> None:
    """Send random frames until the server has looked at so many; to half of the sockets
    before they have connected. A bad one ends its socket, so each takes few."""
    connect = "40/chat," + json.dumps(_auth(town))
    while inside(town)["frames"] < enough:
        for number in range(50):
            one = raw()
            if number % 2:
                one.send(connect)
            while one.send(fuzz.frame()) and not one.is_closed():
                pass
            one.close()


class TestW6Floods:
    @both
    def test_W6_end_for_who_floods_and_are_not_felt_by_others(
        self, town: Town, raw: Callable[..., Raw], keep: Keep, server_name: str
    ) -> None:
        bystander = town.people[0].socket()
        calm = _seconds_to_answer(bystander)

        endings: list[int] = []
        flood = threading.Thread(target=lambda: endings.extend(_flood(raw, town)), daemon=True)
        flood.start()
        meanwhile = _seconds_to_answer(bystander)
        flood.join(LIMIT_SECONDS)

        measured = f"others answered in {calm * 1000:.0f} ms, meanwhile {meanwhile * 1000:.0f} ms"
        keep(f"W6 floods, {server_name}", Verdict(tries=len(endings)), measured)
        assert len(endings) == 5
        assert set(endings) <= {0, 4429}
        assert meanwhile <= max(20 * calm, 0.25)
        bystander.close()

    @on("trusting")
    def test_W6_teeth_counting_no_frames_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        one = raw().connect(town.people[1])
        one.websocket.settimeout(3)
        for _ in range(2_000):
            one.send("43/chat,1[]")

        with pytest.raises(TimeoutError):
            one.ending()

    @on("short-spoken", "short-spoken on threads")
    def test_W6_of_messages_are_answered_with_slow_down(self, town: Town) -> None:
        wire, said = town.people[1].socket(), {"room_id": town.room_id, "text": "hello"}

        acks = [wire.ask("post_message", said) for _ in range(40)]

        refused = [ack["error"] for ack in acks if not ack["ok"]]
        assert refused
        assert {error["code"] for error in refused} == {"slow_down"}
        assert all(1 <= error["seconds"] <= 5 for error in refused)
        assert len(town.history()) == len(acks) - len(refused)
        time.sleep(refused[-1]["seconds"])
        assert wire.ask("post_message", said)["ok"]
        wire.close()

    @on("trusting")
    def test_W6_teeth_counting_no_messages_is_caught(self, town: Town) -> None:
        wire, said = town.people[1].socket(), {"room_id": town.room_id, "text": "hello"}

        assert all(wire.ask("post_message", said)["ok"] for _ in range(40))
        wire.close()


def _flood(raw: Callable[..., Raw], town: Town) -> list[int]:
    """Send frames as fast as they go, 10,000 at a time; return how each socket ended."""
    endings = []
    frame = '42/chat,["post_message",{"room_id":"x","text":"y"}]'
    for _ in range(5):
        one = raw().connect(town.people[1])
        for _ in range(10_000):
            if not one.send(frame):
                break
        endings.append(one.ending())
    return endings


def _seconds_to_answer(wire: Wire) -> float:
    """Return the worst but one of twenty answers: one may be another process's doing."""
    seconds = []
    for _ in range(20):
        asked_at = time.monotonic()
        assert wire.ask("no_such_request", {}) is not None
        seconds.append(time.monotonic() - asked_at)
    return sorted(seconds)[-2]


class TestW8SlowReaders:
    @both
    def test_W8_are_closed_and_catch_up_and_nobody_else_is_troubled(
        self, town: Town, sizes: Sizes, raw: Callable[..., Raw], keep: Keep, server_name: str
    ) -> None:
        said_before, crowd = len(town.history()), sizes.crowd
        writer, healthy, stalled = _seat(town, crowd, raw)
        before = inside(town)
        calm = _seconds_to_say(town, writer, 20)

        meanwhile = _seconds_to_say(town, writer, SAID)
        after = inside(town)

        print(f"before {before}, after {after}")
        until(lambda: inside(town)["lines"] == crowd + 1)
        history = town.history()[said_before:]
        for wire in healthy:
            wire.wait(lambda: len(wire.of("message_posted")) >= len(history))  # noqa: B023
        heard = {str(n): _heard(wire) for n, wire in enumerate(healthy)}
        verdict = audit(history, [], heard)
        verdict.tries, verdict.gaps = len(history), 0  # it is not the whole history
        more = after["megabytes"] - before["megabytes"]
        measured = f"{crowd} stopped, {crowd} read on; memory {more:+} MB"
        measured += f", answers in {calm * 1000:.0f} ms, meanwhile {meanwhile * 1000:.0f} ms"
        keep(f"W8 slow readers, {server_name}", verdict, measured)
        assert verdict.is_clean, verdict
        assert more <= 60
        assert meanwhile <= max(5 * calm, 0.25)
        self._catches_up(town, stalled[0], [message["seq"] for message in history])
        for wire in (writer, *healthy):
            wire.close()

    def _catches_up(self, town: Town, stalled: Raw, everything: list[Any]) -> None:
        heard = []
        with contextlib.suppress(websocket.WebSocketException, OSError):
            while frame := str(stalled.websocket.recv()):
                if frame.startswith("42") and '["message_posted"' in frame:
                    heard.append(json.loads(re.sub(r"^\d+/chat,", "", frame))[1]["message"]["seq"])
        assert heard == everything[: len(heard)]  # no hole before the end
        assert len(heard) < len(everything)

        last = heard[-1] if heard else everything[0] - 1
        while page := town.people[1].get_json(
            f"/rooms/{town.room_id}/messages?after={last}&limit=200"
        )["messages"]:
            heard += [message["seq"] for message in page]
            last = heard[-1]

        assert heard == everything

    @on("unbounded")
    def test_W8_teeth_keeping_everything_is_caught(
        self, town: Town, raw: Callable[..., Raw]
    ) -> None:
        writer, healthy, _ = _seat(town, 2, raw)

        _seconds_to_say(town, writer, SAID)

        with pytest.raises(TimeoutError):
            until(lambda: inside(town)["lines"] == len(healthy) + 1, 3)
        for wire in (writer, *healthy):
            wire.close()


def _heard(wire: Wire) -> list[dict[str, Any]]:
    return [told["message"] for told in wire.of("message_posted")]


def _seat(town: Town, crowd: int, raw: Callable[..., Raw]) -> tuple[Wire, list[Wire], list[Raw]]:
    """Return a writer, and as many who read as who have stopped."""
    writer = town.people[0].socket()
    healthy = [town.people[2].socket() for _ in range(crowd)]
    stalled = [raw(receive_bytes=4096).connect(town.people[1]) for _ in range(crowd)]
    return writer, healthy, stalled


def _seconds_to_say(town: Town, writer: Wire, count: int) -> float:
    """Say long things; return the 99th percentile of what an answer took."""
    seconds = []
    for _ in range(count):
        asked_at = time.monotonic()
        assert _says(town, writer, f"{uuid4()} " + "x" * 3_900)
        seconds.append(time.monotonic() - asked_at)
    return statistics.quantiles(seconds, n=100)[-1]
