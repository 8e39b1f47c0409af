"""R7: the database is gone, and the chat says so, stands, and is back by itself."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import Sizes
from tests.faults.world import World, http, together
from tests.server import EVENTLET, Server
from tests.wire import until

TICKING = (*EVENTLET[:-1], "tests.faults.ticking:app")
TOO_PATIENT = (*EVENTLET[:-1], "tests.faults.broken.too_patient:app")
STANDING_STILL = (*EVENTLET[:-1], "tests.faults.broken.standing_still:app")
NOISE_PAUSE_SECONDS = 0.02

ERROR_LIMIT_SECONDS = 3.0
RETURN_LIMIT_SECONDS = 5.0
GAP_LIMIT_SECONDS = 0.1


def _slow(proxy: Proxy) -> None:
    proxy.delay_seconds = 2.0


FAULTS: dict[str, Callable[[Proxy], None]] = {
    "refused": Proxy.refuse,
    "black-holed": Proxy.hold,
    "slow": _slow,
}


class TestDatabaseGone:
    """R7"""

    @pytest.mark.parametrize("fault", FAULTS)
    def test_R7_is_said_soon_and_is_over_by_itself(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        keep: Keep,
        fault: str,
    ) -> None:
        between, server, room, writers = _start(world, store, proxy, TICKING)
        _say(room, writers, "before")
        gap_file = _gap_file(server)
        gap_file.unlink()

        FAULTS[fault](between)
        outage = Outage(server, room, writers, sizes.database_outage_seconds)
        between.delay_seconds = 0.0
        between.release()

        over = time.monotonic()
        until(lambda: _status(server, "/ready", writers[0]) == 200)
        back = time.monotonic() - over
        for writer, client_id in outage.unknown:  # what was unknown is asked again
            answer = writer.post(room, client_id, client_id)
            assert answer["ok"], answer
            writer.acknowledged.append(answer["message"])
        verdict = judged(world, [room], writers)
        gap = float(gap_file.read_text())
        measured = f"error {outage.worst:.2f} s, back {back:.2f} s, loop gap {gap * 1000:.0f} ms"
        keep(f"R7 database {fault}", verdict, measured)
        print(f"{fault}: {measured}; answers that need no database {outage.noise:.3f} s")
        assert verdict.is_clean, verdict
        assert outage.worst < ERROR_LIMIT_SECONDS + outage.noise
        assert back < RETURN_LIMIT_SECONDS
        assert gap < GAP_LIMIT_SECONDS

    def test_R7_teeth_waiting_as_long_as_the_driver_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        between, _, room, writers = _start(world, store, proxy, TOO_PATIENT)

        between.hold()

        assert writers[0].post(room, "hello", limit_seconds=2 * ERROR_LIMIT_SECONDS) is None
        between.release()

    def test_R7_teeth_waiting_with_the_event_loop_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        _, server, room, writers = _start(world, store, proxy, STANDING_STILL)

        _say(room, writers, "hello")

        gap_file = _gap_file(server)
        until(lambda: float(gap_file.read_text() or 0) > GAP_LIMIT_SECONDS)


class Outage:
    """What people are told while the database is away."""

    def __init__(self, server: Server, room: str, writers: list[Client], seconds: float) -> None:
        self.unknown: list[tuple[Client, str]] = []
        """Who has to ask again for what."""
        self.worst = 0.0
        """The longest wait for an error."""
        self.noise = 0.0
        """The longest wait for an answer that needs no database: it is the machine's."""
        self._server = server
        self._room = room
        self._over = time.monotonic() + seconds
        posting = [lambda writer=writer: self._post(writer) for writer in writers]
        together(lambda: self._look(writers[0]), lambda: self._ask(writers[0]), *posting)

    def _post(self, writer: Client) -> None:
        while time.monotonic() < self._over:
            client_id, asked_at = str(uuid4()), time.monotonic()
            self.unknown.append((writer, client_id))
            answer = writer.post(self._room, client_id, client_id)
            self.worst = max(self.worst, time.monotonic() - asked_at)
            assert answer is not None
            assert answer["error"]["code"] == "unavailable", answer

    def _look(self, writer: Client) -> None:
        """Load what a proxy and a browser would."""
        while time.monotonic() < self._over:
            for path, expected in (("/ready", 503), (f"/rooms/{self._room}/messages", 503)):
                asked_at = time.monotonic()
                assert _status(self._server, path, writer) == expected
                self.worst = max(self.worst, time.monotonic() - asked_at)

    def _ask(self, writer: Client) -> None:
        while time.monotonic() < self._over:
            asked_at = time.monotonic()
            assert _status(self._server, "/health", writer) == 200
            self.noise = max(self.noise, time.monotonic() - asked_at)
            time.sleep(NOISE_PAUSE_SECONDS)  # a rate, not a wait


def _start(
    world: World, store: Store, proxy: Callable[[Any], Proxy], command: tuple[str, ...]
) -> tuple[Proxy, Server, str, list[Client]]:
    names = named(world, "writer", 3)
    room = world.add_room("Pier", *names)
    between = proxy(store.path)
    uri = f"mongodb://127.0.0.1:{between.port}/{world.name}?directConnection=true"
    server = world.serve(uri, command)
    return between, server, room, clients_of(world, [room], server.port, names)


def _say(room: str, writers: list[Client], text: str) -> None:
    together(*(lambda writer=writer: _ask(room, writer, text) for writer in writers))


def _ask(room: str, writer: Client, text: str) -> None:
    assert writer.deliver(room, f"{text} {writer.username}")


def _gap_file(server: Server) -> Path:
    return server.log.parent / "data" / "loop_gap"


def _status(server: Server, path: str, client: Client) -> int:
    return http(server.port, server.url, path, client.somebody)[0]
