"""S2, S3: who was signed out hears nothing more, on any process, with Redis or without."""

import time
from collections.abc import Callable, Iterator

import pytest
import websocket

from tests.cast import PASSWORD
from tests.faults.audit import Verdict
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.world import Somebody, World, build_world, database_of, http, new_name
from tests.server import EVENTLET, Server
from tests.wire import Wire, until

LIMIT_SECONDS = 1.0  # from the acknowledgement on
INATTENTIVE = (*EVENTLET[:-1], "tests.faults.broken.inattentive:app")
REMEMBERING = (*EVENTLET[:-1], "tests.faults.broken.remembering:app")


class Scene:
    """Two processes with nothing between them but the database; Ben has a socket on each."""

    def __init__(self, world: World, servers: list[Server]) -> None:
        self.world = world
        self.servers = servers
        self.ana = next(iter(world.people.values()))
        self.ben = world.add_person(f"ben{len(world.people)}")
        self.room_id = world.add_room("Pier", self.ben.user.username)
        self.wires = [self.socket(server, self.ben) for server in servers]

    def socket(self, server: Server, somebody: Somebody) -> Wire:
        return Wire(server.url, somebody.headers(server.port), somebody.csrf)

    def post(self, wire: Wire, text: str) -> str:
        """Return `ok`, the code of the refusal, or `no answer`."""
        answer = wire.ask("post_message", {"room_id": self.room_id, "text": text})
        if answer is None:
            return "no answer"
        return "ok" if answer["ok"] else str(answer["error"]["code"])

    def seconds_to_close(self) -> float:
        """Wait until Ben's sockets are closed, or raise."""
        began_at = time.monotonic()
        for wire in self.wires:
            until(lambda: not wire.is_open, LIMIT_SECONDS)  # noqa: B023
        return time.monotonic() - began_at


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[World]:
    """A world with two processes, for all tests that want the real ones."""
    world = build_world(tmp_path_factory.mktemp("pair"), store.uri, new_name("pair"))
    world.add_person("ana")
    world.serve_each(database_of(store.uri, world.name), EVENTLET, {}, {})
    yield world
    world.stop()


@pytest.fixture
def scene(pair: World) -> Scene:
    return Scene(pair, pair.servers)


def _broken_scene(world: World, store: Store, command: tuple[str, ...]) -> Scene:
    world.add_person("ana")
    return Scene(world, world.serve_each(database_of(store.uri, world.name), command, {}, {}))


def _deactivate(scene: Scene) -> None:
    scene.world.services.accounts.deactivate(None, scene.ben.user.username)


def _change_password(scene: Scene) -> None:
    scene.world.services.accounts.change_password(scene.ben.user, PASSWORD, "another-gate-9")


def _reset_password(scene: Scene) -> None:
    scene.world.services.accounts.reset_password(scene.ben.user.username)


def _sign_out(scene: Scene) -> None:
    server = scene.servers[0]
    assert http(server.port, server.url, "/logout", scene.ben, leave="yes")[0] == 303


ENDS = [_deactivate, _change_password, _reset_password, _sign_out]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_").replace("_", " "))
def test_S3_closes_sockets_of_every_process_within_a_second(
    scene: Scene, keep: Keep, request: pytest.FixtureRequest, end: Callable[[Scene], None]
) -> None:
    other = scene.socket(scene.servers[0], scene.ana)

    end(scene)

    seconds = scene.seconds_to_close()
    for server, wire in zip(scene.servers, scene.wires, strict=True):
        assert wire.of("signed_out") == [{}]
        path = f"/rooms/{scene.room_id}/messages"
        assert http(server.port, server.url, path, scene.ben)[0] == 401
        with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
            scene.socket(server, scene.ben)
    assert scene.post(other, "is ben there?") == "ok"
    heard = sum(len(wire.of("message_posted")) for wire in scene.wires)
    verdict = Verdict(tries=len(scene.wires), leaked=heard)
    keep(f"S3 out by {request.node.callspec.id}", verdict, f"closed within {seconds:.2f} s")
    assert verdict.is_clean, verdict
    other.close()


def test_S3_teeth_not_reading_of_changes_is_caught(world: World, store: Store) -> None:
    scene = _broken_scene(world, store, INATTENTIVE)

    _deactivate(scene)

    with pytest.raises(TimeoutError):
        scene.seconds_to_close()
    for wire in scene.wires:
        wire.close()


def _answers_after_the_end(scene: Scene) -> set[str]:
    for wire in scene.wires:  # so that it is remembered there
        assert scene.post(wire, "hello") == "ok"

    _deactivate(scene)

    return {scene.post(wire, "still me") for wire in scene.wires}


def test_S3_acts_no_more_from_the_moment_it_is_acknowledged(scene: Scene) -> None:
    assert _answers_after_the_end(scene) <= {"no answer", "not_signed_in"}
    assert len(scene.world.stored(scene.room_id)) == len(scene.wires)


def test_S3_teeth_remembering_who_it_was_is_caught(world: World, store: Store) -> None:
    scene = _broken_scene(world, store, REMEMBERING)

    assert "ok" in _answers_after_the_end(scene)
