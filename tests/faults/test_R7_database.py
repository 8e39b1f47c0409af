"""R7: the database is gone, and the chat says so, stands, and is back by itself."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.client import Client
from tests.faults.conftest import Keep, Store
from tests.faults.people import clients_of, judged, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import Sizes
from tests.faults.world import World, http, together
from tests.server import EVENTLET, Server
from tests.wire import until

TICKING = (*EVENTLET[:-1], "tests.faults.ticking:app")
TOO_PATIENT = (*EVENTLET[:-1], "tests.faults.broken.too_patient:app")

# The promises are 3 s, 5 s and 100 ms; the tests allow for machines that others use too.
ERROR_LIMIT_SECONDS = 6.0
RETURN_LIMIT_SECONDS = 15.0
GAP_LIMIT_SECONDS = 1.0


def _slow(proxy: Proxy) -> None:
    proxy.delay_seconds = 2.0


FAULTS: dict[str, Callable[[Proxy], None]] = {
    "refused": Proxy.refuse,
    "black-holed": Proxy.hold,
    "slow": _slow,
}


class TestDatabaseGone:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_R7_is_said_soon_and_is_over_by_itself(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        keep: Keep,
        fault: str,
        record_property: Callable[[str, object], None],
    ) -> None:
        between, server, room, writers = _start(world, store, proxy, TICKING)
        _say(room, writers, "before")
        gap_file = server.log.parent / "data" / "loop_gap"
        gap_file.unlink()

        FAULTS[fault](between)
        unknown, worst = _refusals(server, room, writers, sizes.database_outage_seconds)
        between.delay_seconds = 0.0
        between.release()

        gone = time.monotonic()
        until(lambda: _status(server, "/ready", writers[0]) == 200, RETURN_LIMIT_SECONDS)
        back = time.monotonic() - gone
        for writer, client_id, text in unknown:  # what was unknown is asked again
            answer = writer.post(room, text, client_id)
            assert answer["ok"], answer
            writer.acknowledged.append(answer["message"])
        verdict = judged(world, [room], writers)
        keep(f"R7 database {fault}", verdict)
        gap = float(gap_file.read_text())
        record_property("seconds", f"error {worst:.1f}, back {back:.1f}, loop gap {gap:.3f}")
        print(f"{fault}: worst error {worst:.2f} s, back {back:.2f} s, loop gap {gap:.3f} s")
        assert verdict.is_clean, verdict
        assert worst < ERROR_LIMIT_SECONDS
        assert gap < GAP_LIMIT_SECONDS

    def test_R7_teeth_waiting_as_long_as_the_driver_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        between, _, room, writers = _start(world, store, proxy, TOO_PATIENT)

        between.hold()

        assert writers[0].post(room, "hello", limit_seconds=ERROR_LIMIT_SECONDS) is None
        between.release()


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


def _refusals(
    server: Server, room: str, writers: list[Client], outage_seconds: float
) -> tuple[list[tuple[Client, str, str]], float]:
    """Post through the outage; return what has to be asked again, and the longest wait."""
    unknown: list[tuple[Client, str, str]] = []
    worst = [0.0]
    over = time.monotonic() + outage_seconds

    def post(writer: Client) -> None:
        while time.monotonic() < over:
            client_id, asked_at = str(uuid4()), time.monotonic()
            unknown.append((writer, client_id, client_id))
            answer = writer.post(room, client_id, client_id)
            worst[0] = max(worst[0], time.monotonic() - asked_at)
            assert answer is not None
            assert answer["error"]["code"] == "unavailable", answer

    def watch() -> None:
        assert _status(server, "/health", writers[0]) == 200
        assert _status(server, "/ready", writers[0]) == 503

    together(watch, *(lambda writer=writer: post(writer) for writer in writers))
    return unknown, worst[0]


def _status(server: Server, path: str, client: Client) -> int:
    return http(server.port, server.url, path, client.somebody)[0]
