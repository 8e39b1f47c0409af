"""R6: SIGTERM under load, and one process after the other restarted while people post."""

import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from websocket import WebSocketException

from tests.faults.audit import Verdict, audit
from tests.faults.conftest import Store, Town
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.sizes import Sizes
from tests.faults.world import Redis, Somebody, World, database_of
from tests.server import EVENTLET, THREADS, Server
from tests.wire import Wire, until

EXIT_LIMIT_SECONDS = 5.0
WAYS = {
    "eventlet": (EVENTLET, {}),
    "threads": (THREADS, {"CHATAPP_ASYNC_MODE": "threading"}),
}
ABRUPT = (*EVENTLET[:-1], "tests.faults.broken.abrupt:app")
HASTY = (*EVENTLET[:-1], "tests.faults.broken.hasty:app")
LINGERING = (*EVENTLET[:-1], "--graceful-timeout", "7", "tests.faults.broken.lingering:app")
SECONDS_BETWEEN_MESSAGES = 0.02  # 50 a second


class TestSigterm:
    @pytest.mark.parametrize("town", WAYS.values(), ids=WAYS, indirect=True)
    def test_R6_under_load_loses_nothing_and_is_told(
        self, town: Town, keep: Keep, request: pytest.FixtureRequest
    ) -> None:
        wires = [person.socket() for person in town.people]
        acknowledged, seconds = _end_under_load(town, wires)
        town.server.start()
        verdict = _verdict(acknowledged, [str(message["text"]) for message in town.history()])

        keep(f"R6 SIGTERM, {request.node.callspec.id}", verdict, f"{seconds:.1f} s to the end")
        assert verdict.is_clean, verdict
        assert seconds < EXIT_LIMIT_SECONDS
        for wire in wires:
            ((told),) = wire.of("restarting")
            assert 0.5 <= told["after_seconds"] <= 3.0
        assert len({wire.of("restarting")[0]["after_seconds"] for wire in wires}) > 1

    @pytest.mark.parametrize("town", [(ABRUPT, {})], ids=["abrupt"], indirect=True)
    def test_R6_teeth_ending_without_a_word_is_caught(self, town: Town) -> None:
        wires = [person.socket() for person in town.people]

        _end_under_load(town, wires)

        assert [wire.of("restarting") for wire in wires] == [[]] * len(wires)

    @pytest.mark.parametrize("town", [(LINGERING, {})], ids=["lingering"], indirect=True)
    def test_R6_teeth_waiting_for_every_connection_is_caught(self, town: Town) -> None:
        wires = [person.socket() for person in town.people]

        _, seconds = _end_under_load(town, wires)

        assert seconds > EXIT_LIMIT_SECONDS


def _verdict(acknowledged: list[str], stored: list[str]) -> Verdict:
    """Judge by the texts, which are unique."""
    return Verdict(
        tries=len(acknowledged),
        lost=len(set(acknowledged) - set(stored)),
        doubled=len(stored) - len(set(stored)),
    )


def _end_under_load(town: Town, wires: list[Wire]) -> tuple[list[str], float]:
    """Stop the server while all post; return what was acknowledged, and how long it took."""
    acknowledged: list[str] = []

    def post(wire: Wire) -> None:
        number = 0
        while True:
            text = f"{id(wire)} {number}"
            ack = wire.ask("post_message", {"room_id": town.room_id, "text": text})
            if ack is None:
                return
            assert ack["ok"], ack
            acknowledged.append(text)
            number += 1

    threads = [threading.Thread(target=post, args=(wire,)) for wire in wires]
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) > 100)
    began_at = time.monotonic()
    town.server.stop()
    seconds = time.monotonic() - began_at
    for thread in threads:
        thread.join()
    print(f"{len(acknowledged)} acknowledged, {seconds:.2f} s to the end")
    return acknowledged, seconds


class TestRollingRestarts:
    def test_R6_of_two_processes_lose_and_double_nothing(
        self, world: World, store: Store, redis: Redis, sizes: Sizes, keep: Keep
    ) -> None:
        rolling = Rolling(world, store, redis, EVENTLET)

        verdict = rolling.restart(sizes.restarts)

        measured = f"{sizes.restarts} restarts; {rolling.longest:.1f} s to an end"
        measured += f", {rolling.slowest:.1f} s to the slowest answer"
        keep("R6 rolling restarts", verdict, measured)
        assert verdict.is_clean, verdict
        assert rolling.longest < EXIT_LIMIT_SECONDS

    def test_R6_teeth_leaving_what_was_begun_is_caught(
        self, world: World, store: Store, redis: Redis
    ) -> None:
        rolling = Rolling(world, store, redis, HASTY, is_new_id=True)

        assert rolling.restart(4, between=3).doubled > 0


class Rolling:
    """Two processes, one who reads at each, and four who post at whichever answers."""

    def __init__(
        self,
        world: World,
        store: Store,
        redis: Redis,
        command: tuple[str, ...],
        *,
        is_new_id: bool = False,
    ) -> None:
        self.longest = 0.0
        """Seconds from SIGTERM to the end of a process."""
        writers, readers = named(world, "writer", 4), named(world, "reader", 2)
        self._world = world
        self._room = world.add_room("Pier", *writers, *readers)
        queues = [{"SOCKETIO_MESSAGE_QUEUE": redis.url}] * 2
        self._servers = world.serve_each(database_of(store.uri, world.name), command, *queues)
        self._readers = [
            client
            for server, name in zip(self._servers, readers, strict=True)
            for client in clients_of(world, [self._room], server.port, [name])
        ]
        self._posters = [
            Poster(world.people[name], servers, self._room, is_new_id=is_new_id)
            for name, servers in zip(writers, [self._servers, self._servers[::-1]] * 2, strict=True)
        ]

    def restart(self, times: int, between: int = 20) -> Verdict:
        """Restart one after the other, after so many of each one's messages; judge it."""
        for number in range(times):
            self._wait_for_more(between)
            server = self._servers[number % 2]
            began_at = time.monotonic()
            server.stop()
            self.longest = max(self.longest, time.monotonic() - began_at)
            server.start()
        self._wait_for_more(between)
        for poster in self._posters:
            poster.end()
        said = [message for poster in self._posters for message in poster.acknowledged]
        verdict = judged(self._world, [self._room], self._readers)
        return verdict + audit(self._world.stored(self._room), said, {})

    def _wait_for_more(self, count: int) -> None:
        enough = [len(poster.acknowledged) + count for poster in self._posters]
        until(
            lambda: all(
                len(poster.acknowledged) >= count
                for poster, count in zip(self._posters, enough, strict=True)
            )
        )

    @property
    def slowest(self) -> float:
        return max(poster.slowest for poster in self._posters)


class Poster:
    """Posts all the time, at whichever server answers, each message until it is acknowledged."""

    def __init__(
        self, somebody: Somebody, servers: list[Server], room_id: str, *, is_new_id: bool
    ) -> None:
        self.acknowledged: list[dict[str, Any]] = []
        self.slowest = 0.0
        self._somebody, self._servers, self._room_id = somebody, list(servers), room_id
        self._is_new_id = is_new_id
        self._wire: Wire | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()
        if self._wire is not None:
            self._wire.close()

    def _run(self) -> None:
        while not self._is_over.is_set():
            began_at = time.monotonic()
            said = {"room_id": self._room_id, "text": str(uuid4()), "client_id": str(uuid4())}
            self.acknowledged.append(self._deliver(said))
            self.slowest = max(self.slowest, time.monotonic() - began_at)
            self._is_over.wait(SECONDS_BETWEEN_MESSAGES * 4)  # four of us

    def _deliver(self, said: dict[str, Any]) -> dict[str, Any]:
        while True:
            wire = self._open()
            ack = wire and wire.ask("post_message", said, 3)
            if ack and ack["ok"]:
                message: dict[str, Any] = ack["message"]
                return message
            assert not ack or ack["error"]["code"] == "unavailable", ack
            if self._is_new_id:
                said["client_id"] = str(uuid4())

    def _open(self) -> Wire | None:
        if self._wire is None or not self._wire.is_open:
            self._servers.reverse()
            self._wire = None
            server, somebody = self._servers[0], self._somebody
            try:
                self._wire = Wire(server.url, somebody.headers(server.port), somebody.csrf)
            except (OSError, WebSocketException):
                time.sleep(0.05)
        return self._wire
