"""S2, S3: who was signed out hears nothing more, on any process, with Redis or without."""

from collections.abc import Callable

import pytest
import websocket

from chatapp.services import Services
from tests.cast import PASSWORD
from tests.faults.conftest import Store
from tests.faults.people import named
from tests.faults.world import Somebody, World, database_of, http
from tests.server import Server
from tests.wire import Wire, until

LIMIT_SECONDS = 1.0  # from the acknowledgement on


@pytest.fixture
def servers(world: World, store: Store) -> list[Server]:
    """Two processes with nothing between them but the database."""
    return [world.serve(database_of(store.uri, world.name)) for _ in range(2)]


def _deactivate(services: Services, username: str) -> None:
    services.accounts.deactivate(None, username)


def _change_password(services: Services, username: str) -> None:
    user = services.accounts.find(username)
    assert user is not None
    services.accounts.change_password(user, PASSWORD, "another-gate-9")


def _reset_password(services: Services, username: str) -> None:
    services.accounts.reset_password(username)


@pytest.mark.parametrize("end", [_deactivate, _change_password, _reset_password])
def test_S3_closes_sockets_of_every_process_within_a_second(
    world: World, servers: list[Server], end: Callable[[Services, str], None]
) -> None:
    named(world, "person", 2)
    ana, ben = world.people.values()
    room_id = world.add_room("Pier", ben.user.username)
    wires = [_socket(server, ben) for server in servers]
    other = _socket(servers[0], ana)

    end(world.services, ben.user.username)

    for server, wire in zip(servers, wires, strict=True):
        until(lambda: not wire.is_open, LIMIT_SECONDS)  # noqa: B023
        assert wire.of("signed_out") == [{}]
        path = f"/rooms/{room_id}/messages"
        assert http(server.port, server.url, path, ben)[0] == 401
        with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
            _socket(server, ben)
    said = other.ask("post_message", {"room_id": room_id, "text": "is ben there?"})
    assert said["ok"]
    assert not any(wire.of("message_posted") for wire in wires)
    other.close()


def test_S3_acts_no_more_from_the_moment_it_is_acknowledged(
    world: World, servers: list[Server]
) -> None:
    named(world, "person", 2)
    _, ben = world.people.values()
    room_id = world.add_room("Pier", ben.user.username)
    wires = [_socket(server, ben) for server in servers]
    for wire in wires:  # so that it is remembered there
        assert wire.ask("post_message", {"room_id": room_id, "text": "hello"})["ok"]

    world.services.accounts.deactivate(None, ben.user.username)

    for wire in wires:
        answer = wire.ask("post_message", {"room_id": room_id, "text": "still me"})
        assert answer is None or answer["error"]["code"] == "not_signed_in"
    assert len(world.stored(room_id)) == len(wires)


def _socket(server: Server, somebody: Somebody) -> Wire:
    return Wire(server.url, somebody.headers(server.port), somebody.csrf)
