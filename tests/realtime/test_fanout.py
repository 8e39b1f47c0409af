"""One frame for all, one write a turn for each; with real sockets and eventlet's own loop."""

import random
import socket
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from engineio.packet import MESSAGE, Packet
from wsproto.frame_protocol import FrameProtocol, Opcode

from chatapp.realtime import strict_json
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.fanout import EARLY_BYTES, FanoutManager, Outlet, Turn
from chatapp.realtime.limits import Limits
from chatapp.realtime.line import Line
from chatapp.realtime.rfc6455 import frame
from config import config_for

pytestmark = pytest.mark.filterwarnings("ignore:\\s*Eventlet is deprecated")

LIMITS = Limits.of(vars(config_for({"CHATAPP_ENV": "testing"})))


def turn_of_the_loop() -> None:
    import eventlet

    for _ in range(3):  # those who were woken first; what was gathered; who takes more again
        eventlet.sleep(0)


class Reader:
    """An outlet, and who reads at the other end of its connection, when told to."""

    def __init__(self, turn: Turn, limits: Limits = LIMITS, buffer_bytes: int = 0) -> None:
        from eventlet.queue import Queue

        self.mine, self.theirs = socket.socketpair()
        for side in (self.mine, self.theirs):
            side.setblocking(False)
            if buffer_bytes:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
        self.overflows = 0
        self.endings = 0
        self.heard: list[str] = []
        self._protocol = FrameProtocol(client=True, extensions=[])
        self._parts: list[str] = []
        self.outlet = Outlet(Queue(), limits, turn)
        self.outlet.overflow = self._overflow

    def attach(self) -> "Reader":
        self.outlet.attach(self.mine, self._end)
        return self

    def _overflow(self) -> None:
        self.overflows += 1

    def _end(self) -> None:
        self.endings += 1

    def read(self, most: int = 100_000_000) -> list[str]:
        """Take what has come; return all texts so far. A broken frame raises."""
        try:
            while most > 0 and (part := self.theirs.recv(min(most, 65_536))):
                most -= len(part)
                self._protocol.receive_bytes(part)
                for found in self._protocol.received_frames():
                    assert found.opcode in (Opcode.TEXT, Opcode.CONTINUATION)
                    self._parts.append(found.payload)
                    if found.message_finished:
                        self.heard.append("".join(self._parts))
                        self._parts.clear()
        except BlockingIOError:
            pass
        return self.heard

    def read_all(self, until: int) -> list[str]:
        """Read, and let the loop turn, until so many have come."""
        for _ in range(100_000):
            if len(self.read()) >= until:
                return self.heard
            turn_of_the_loop()
        raise TimeoutError(f"only {len(self.heard)} of {until}")

    def close(self) -> None:
        self.outlet.close()
        self.mine.close()
        self.theirs.close()


@pytest.fixture
def turn() -> Turn:
    from eventlet.hubs import get_hub

    return Turn(get_hub)


@pytest.fixture
def make(turn: Turn) -> Iterator[Any]:
    made: list[Reader] = []

    def make(**options: Any) -> Reader:
        made.append(Reader(turn, **options))
        return made[-1].attach()

    yield make
    for reader in made:
        reader.close()


def pushed(reader: Reader, text: str) -> None:
    reader.outlet.push(frame(text.encode()))


def put(reader: Reader, text: str) -> None:
    """The way of acknowledgements and pings. A packet begins with its kind."""
    assert text[0] == str(MESSAGE)
    reader.outlet.put(Packet(MESSAGE, text[1:]))


class TestAFrame:
    @pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
    def test_of_any_size_is_read_as_it_was(self, make: Any, size: int) -> None:
        reader = make()

        pushed(reader, "x" * size)
        pushed(reader, "next")

        assert reader.read_all(2) == ["x" * size, "next"]

    @pytest.mark.parametrize("text", ["ä", "上海", "🙂" * 40, "e\u0301" * 70, "\u202eabc"])
    def test_of_any_script_is_read_as_it_was(self, make: Any, text: str) -> None:
        reader = make()

        pushed(reader, text)

        assert reader.read_all(1) == [text]


class TestASocket:
    def test_is_written_to_once_a_turn(self, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        reader = make()
        writes: list[int] = []
        send = reader.mine.send
        reader.outlet._connection = SimpleNamespace(
            send=lambda data: writes.append(len(data)) or send(data), fileno=reader.mine.fileno
        )

        for number in range(16):
            pushed(reader, f"no. {number}")

        assert writes == []
        assert reader.read_all(16) == [f"no. {number}" for number in range(16)]
        assert len(writes) == 1

    def test_hears_in_order_whatever_way_it_is_told(self, make: Any) -> None:
        reader = make()
        texts = [f"4{number}" for number in range(100)]

        for text in texts:
            random.choice([pushed, put])(reader, text)

        assert reader.read_all(100) == texts

    def test_keeps_the_order_over_the_moment_it_is_attached(self, turn: Turn) -> None:
        reader = Reader(turn)
        put(reader, "4first")
        reader.attach()
        put(reader, "4second")

        assert reader.read_all(2) == ["4first", "4second"]
        reader.close()

    def test_hears_all_of_a_turn_that_has_no_end(self, make: Any, turn: Turn) -> None:
        reader = make()
        told = frame(b"x" * 10_000)

        for _ in range(8):  # and the loop never turns
            reader.outlet.push(told)
            turn.produced(len(told))

        assert len(reader.read()) >= EARLY_BYTES // len(told)

    def test_sends_what_is_small_at_once(self) -> None:
        with socket.socket() as connection:
            Line(SimpleNamespace(), LIMITS).attach(connection)

            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class TestAReaderWhoIsSlow:
    TINY = 4_608  # the least that Linux gives

    def test_gets_whole_frames_in_order(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY)
        texts = [f"4{number}:" + "y" * random.randrange(3_000) for number in range(200)]

        for number, text in enumerate(texts):
            random.choice([pushed, put])(reader, text)
            if number % 7 == 0:
                turn_of_the_loop()
            if number % 5 == 0:
                reader.read(random.randrange(1, 5_000))

        assert reader.read_all(200) == texts
        assert reader.overflows == 0

    def test_who_stalls_and_returns_has_missed_nothing(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY)
        for number in range(400):
            pushed(reader, f"{number}:" + "y" * 1_000)
        turn_of_the_loop()
        assert reader.outlet._stuck

        heard = reader.read_all(400)
        pushed(reader, "and on")

        assert [text.partition(":")[0] for text in heard] == [str(n) for n in range(400)]
        assert reader.read_all(401)[-1] == "and on"
        assert not reader.outlet._stuck
        assert reader.outlet._listener is None

    @pytest.mark.parametrize(
        "bounds", [{"backlog_events": 50}, {"backlog_bytes": 50_000}], ids=["events", "bytes"]
    )
    def test_W8_is_bounded(self, make: Any, bounds: dict[str, int]) -> None:
        reader = make(buffer_bytes=self.TINY, limits=replace(LIMITS, **bounds))

        for number in range(200):
            pushed(reader, f"{number}:" + "y" * 1_000)
            turn_of_the_loop()
        waiting = list(reader.outlet._stuck)
        for _ in range(100):
            pushed(reader, "more")

        assert reader.overflows == 1
        assert list(reader.outlet._stuck) == waiting
        assert len(waiting) <= bounds.get("backlog_events", 1_000)
        assert sum(map(len, waiting)) <= bounds.get("backlog_bytes", 1_000_000)

    def test_W8_of_one_turn_is_bounded_too(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY, limits=replace(LIMITS, backlog_events=50))

        for number in range(200):
            pushed(reader, f"{number}:" + "y" * 1_000)
        turn_of_the_loop()

        assert reader.overflows == 1
        assert len(reader.outlet._stuck) <= 50

    def test_counts_anew_what_has_left(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY, limits=replace(LIMITS, backlog_events=50))

        for number in range(10):
            for _ in range(40):
                pushed(reader, "y" * 1_000)
            reader.read_all(40 * (number + 1))

        assert reader.overflows == 0
        assert (reader.outlet._events, reader.outlet._bytes) == (0, 0)

    def test_hears_the_last_word_before_the_end(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY)
        for _ in range(100):
            pushed(reader, "y" * 1_000)
        put(reader, "4last")
        reader.outlet.put(None)
        pushed(reader, "too late")
        assert reader.endings == 0

        assert reader.read_all(101)[-1] == "4last"

        turn_of_the_loop()
        assert reader.endings == 1
        assert len(reader.read()) == 101

    def test_has_no_close_frame_inside_another(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY)
        pushed(reader, "y" * 100_000)

        assert not reader.outlet.settle()
        reader.read_all(1)
        assert reader.outlet.settle()

    def test_leaves_nothing_behind_when_it_is_cut(self, make: Any) -> None:
        reader = make(buffer_bytes=self.TINY)
        pushed(reader, "y" * 100_000)
        turn_of_the_loop()
        assert reader.outlet._listener is not None

        reader.theirs.close()
        turn_of_the_loop()
        pushed(reader, "to nobody")
        turn_of_the_loop()

        assert reader.outlet._listener is None
        assert not reader.outlet._stuck


class TestTellingManySockets:
    @pytest.fixture
    def manager(self, turn: Turn) -> FanoutManager:
        manager = FanoutManager()
        manager.turn = turn
        socketio.Server(client_manager=manager, async_mode="threading", json=strict_json)
        return manager

    def join(self, manager: FanoutManager, reader: Reader, *channels: str) -> str:
        eio_sid = f"eio{len(manager.server.eio.sockets)}"
        manager.server.eio.sockets[eio_sid] = SimpleNamespace(queue=reader.outlet)
        sid: str = manager.connect(eio_sid, NAMESPACE)
        for channel in channels:
            manager.enter_room(sid, NAMESPACE, channel)
        return sid

    def tell(self, manager: FanoutManager, text: str, *channels: str) -> None:
        manager.emit("told", {"text": text}, NAMESPACE, to=list(channels))

    @staticmethod
    def texts(reader: Reader, count: int) -> list[str]:
        return [text.split('"text":"')[1].rstrip('"}]') for text in reader.read_all(count)]

    def test_reaches_those_who_listen_and_nobody_else(
        self, manager: FanoutManager, make: Any
    ) -> None:
        inside, outside = make(), make()
        self.join(manager, inside, "room:a")
        self.join(manager, outside, "room:b")

        self.tell(manager, "hello", "room:a")
        self.tell(manager, "elsewhere", "room:b")

        assert inside.read_all(1) == ['42/chat,["told",{"text":"hello"}]']
        assert self.texts(outside, 1) == ["elsewhere"]

    def test_in_several_of_the_channels_hears_it_once(
        self, manager: FanoutManager, make: Any
    ) -> None:
        both, one = make(), make()
        self.join(manager, both, "room:a", "user:ana")
        self.join(manager, one, "user:ana")

        self.tell(manager, "once", "room:a", "user:ana", "room:nowhere")
        self.tell(manager, "and on", "room:a", "user:ana")

        assert self.texts(both, 2) == ["once", "and on"]
        assert self.texts(one, 2) == ["once", "and on"]

    def test_follows_who_comes_and_goes_within_a_turn(
        self, manager: FanoutManager, make: Any
    ) -> None:
        ana, ben = make(), make()
        self.join(manager, ana, "room:a")
        self.tell(manager, "1", "room:a")
        sid = self.join(manager, ben, "room:a")
        self.tell(manager, "2", "room:a")
        manager.leave_room(sid, NAMESPACE, "room:a")
        self.tell(manager, "3", "room:a")
        manager.enter_room(sid, NAMESPACE, "room:a")
        self.tell(manager, "4", "room:a")
        manager.disconnect(sid, NAMESPACE)
        self.tell(manager, "5", "room:a")

        assert self.texts(ana, 5) == ["1", "2", "3", "4", "5"]
        assert self.texts(ben, 2) == ["2", "4"]

    def test_goes_on_when_one_has_gone_in_the_middle(
        self, manager: FanoutManager, make: Any
    ) -> None:
        readers = [make() for _ in range(3)]
        for reader in readers:
            self.join(manager, reader, "room:a")
        self.tell(manager, "1", "room:a")
        readers[1].theirs.close()
        readers[1].mine.close()
        self.tell(manager, "2", "room:a")

        for reader in (readers[0], readers[2]):
            assert self.texts(reader, 2) == ["1", "2"]

    def test_may_begin_while_another_is_being_written(
        self, manager: FanoutManager, make: Any
    ) -> None:
        readers = [make() for _ in range(3)]
        for reader in readers:
            self.join(manager, reader, "room:a")
        middle = readers[1]

        def send(data: bytes) -> int:
            middle.outlet._connection = middle.mine
            self.tell(manager, "2", "room:a")
            return middle.mine.send(data)

        middle.outlet._connection = SimpleNamespace(send=send)
        self.tell(manager, "1", "room:a")

        for reader in readers:
            assert self.texts(reader, 2) == ["1", "2"]

    def test_keeps_nothing_of_channels_that_nobody_is_in(
        self, manager: FanoutManager, make: Any
    ) -> None:
        sid = self.join(manager, make(), "room:a")
        self.tell(manager, "x", "room:a", "room:nowhere")
        manager.disconnect(sid, NAMESPACE)
        self.tell(manager, "x", "room:a")

        assert manager._outlets == {}
