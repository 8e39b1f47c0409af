"""The load generator in C, in a small room of a real server: it counts what was really told."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks import servers
from benchmarks.load import Found, idle, load
from benchmarks.people import World, make_world
from benchmarks.run import Run, begin
from benchmarks.servers import Ask, Server
from chatapp.core import clock
from chatapp.core.database import connect
from chatapp.rooms.repository import RoomRepository

CLIENTS = 6
needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")
needs_npm = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
pytestmark = needs_gcc


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with begin(is_quick=True) as run:
        yield run


@pytest.fixture(scope="module")
def world(run: Run) -> World:
    return run.once("world", lambda: make_world(run, CLIENTS))


@pytest.fixture(scope="module")
def attic(world: World) -> Iterator[str]:
    """A room of the first person alone."""
    database = connect(world.uri)
    yield RoomRepository(database, clock.now).save_room("Attic", "person0000").id
    database.client.close()


@pytest.fixture(scope="module")
def ours(run: Run, attic: str) -> Server:
    return servers.ours(run)


@pytest.fixture(params=["ours", pytest.param("peer", marks=needs_npm)])
def server(run: Run, ours: Server, request: pytest.FixtureRequest) -> Server:
    return ours if request.param == "ours" else servers.peer(run)


def relay(run: Run, server: Server, **options: float) -> Found:
    return load(run, server, server.relay(), clients=CLIENTS, seconds=0.5, **options)


class TestALoad:
    def test_relays_to_everybody(self, run: Run, server: Server) -> None:
        found = relay(run, server, window=4)

        assert found.sent > 4  # the window went on moving
        assert found.deliveries > 0
        assert 0 < found.p50_us <= found.p99_us

    def test_posts_and_waits_for_each_answer(self, run: Run, server: Server) -> None:
        found = load(run, server, server.post(), clients=CLIENTS, senders=3, seconds=0.5)

        assert found.answers > 0
        assert found.deliveries >= CLIENTS * (found.answers - 3)

    def test_sends_so_many_a_second(self, run: Run, server: Server) -> None:
        found = relay(run, server, rate=20)

        # Half a second to warm up, and half a second; as fast as can be would be hundreds.
        assert 10 <= found.sent <= 40

    def test_keeps_idle_clients_connected(self, server: Server) -> None:
        before = server.memory_bytes()

        with idle(server, CLIENTS):
            assert server.memory_bytes() >= before


class TestALoadThatCannotBeTrusted:
    def test_is_refused_when_somebody_misses_something(
        self, run: Run, ours: Server, attic: str
    ) -> None:
        lonely = Ask(f'42/chat,["typing",{{"room_id":"{attic}"}}]', "typing")

        with pytest.raises(RuntimeError, match=r"ours lost \d+ of its deliveries"):
            load(run, ours, lonely, clients=2, seconds=0.2)

    def test_is_refused_when_a_request_is(
        self, run: Run, ours: Server, capfd: pytest.CaptureFixture[str]
    ) -> None:
        empty = Ask('42/chat,%d["post_message",{"room_id":"","text":"#%d#"}]', "message_posted")

        with pytest.raises(RuntimeError, match="ended"):
            load(run, ours, empty, clients=2)

        assert "room_not_found" in capfd.readouterr().err

    def test_is_refused_when_a_client_is(
        self, run: Run, ours: Server, capfd: pytest.CaptureFixture[str]
    ) -> None:
        strangers = run.folder / "strangers"
        strangers.write_text("chatapp_1=stranger\t{}\n")

        with pytest.raises(RuntimeError, match="ended"):
            relay(run, replace(ours, people=strangers))

        assert "the handshake was refused: HTTP/1.1 401" in capfd.readouterr().err
