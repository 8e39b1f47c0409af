"""Who is there is right in every process, with nothing between them; also when one is killed."""

import pytest

from tests.faults.conftest import Store
from tests.faults.people import named
from tests.faults.world import World, database_of, http
from tests.server import EVENTLET, Server
from tests.wire import Wire, until

HURRIED = (*EVENTLET[:-1], "tests.faults.hurried:app")
LIMIT_SECONDS = 20.0


@pytest.fixture
def servers(world: World, store: Store) -> list[Server]:
    return [world.serve(database_of(store.uri, world.name), HURRIED) for _ in range(2)]


def test_presence_is_right_in_every_process_and_after_a_kill(
    world: World, servers: list[Server]
) -> None:
    ana, ben, cleo = named(world, "person", 3)
    pier = world.add_room("Pier", ben)
    (general,) = [room for room in _rooms(world, cleo) if room != pier]
    world.services.rooms.leave(world.people[cleo].user, general)
    here, there = servers
    anas, bens, cleos = (
        _socket(world, here, ana),
        _socket(world, there, ben),
        _socket(world, here, cleo),
    )

    for wire in (anas, bens):
        until(
            lambda: _act(anas, bens) and _seen(wire) == {ana: "online", ben: "online"},  # noqa: B023
            LIMIT_SECONDS,
        )
    until(lambda: _seen(anas) == {ana: "away", ben: "away"}, LIMIT_SECONDS)

    until(lambda: _act(bens) and _seen(anas)[ben] == "online", LIMIT_SECONDS)
    there.kill()
    until(lambda: _seen(anas)[ben] == "offline", LIMIT_SECONDS)
    assert f'data-presence="{ben}" data-presence-state="offline"' in _page(world, here, ana, pier)

    there.start()
    again = _socket(world, there, ben)
    until(lambda: _act(again) and _seen(anas)[ben] == "online", LIMIT_SECONDS)
    shown = f'data-presence="{ben}" data-presence-state="online"'
    until(lambda: _act(again) and shown in _page(world, there, ben, pier), LIMIT_SECONDS)
    assert _seen(cleos) == {}

    for wire in (anas, again, cleos):
        wire.close()


def test_nobody_goes_while_processes_are_restarted_one_after_the_other(
    world: World, store: Store
) -> None:
    ana, ben = named(world, "person", 2)
    settings = {"HURRIED_GONE_SECONDS": "10", "HURRIED_AWAY_SECONDS": "300"}
    uri = database_of(store.uri, world.name)
    here, there = (world.serve(uri, HURRIED, **settings) for _ in range(2))
    anas, bens = _socket(world, here, ana), _socket(world, there, ben)
    until(lambda: _act(anas, bens) and _seen(anas) == {ana: "online", ben: "online"}, LIMIT_SECONDS)

    there.stop()
    bens.close()
    bens = _socket(world, here, ben)
    assert _act(bens)
    attendance = world.services.database["attendance"]
    until(lambda: attendance.count_documents({}) == 1, LIMIT_SECONDS)  # the other is forgotten
    there.start()
    cleo = world.add_person("cleo")
    cleos = Wire(there.url, cleo.headers(there.port), cleo.csrf)
    until(lambda: _act(cleos) and _seen(anas).get("cleo") == "online", LIMIT_SECONDS)

    assert {told["people"].get(ben, "online") for told in anas.of("presence_changed")} == {"online"}
    until(lambda: _seen(cleos) == {ana: "online", ben: "online", "cleo": "online"}, LIMIT_SECONDS)
    for wire in (anas, bens, cleos):
        wire.close()


def _socket(world: World, server: Server, username: str) -> Wire:
    somebody = world.people[username]
    return Wire(server.url, somebody.headers(server.port), somebody.csrf)


def _act(*wires: Wire) -> bool:
    return all(wire.ask("present", {"idle_seconds": 0})["ok"] for wire in wires)


def _seen(wire: Wire) -> dict[str, str]:
    """Return how everybody is who was heard of."""
    seen: dict[str, str] = {}
    for told in wire.of("presence_changed"):
        seen |= told["people"]
    return seen


def _page(world: World, server: Server, username: str, room_id: str) -> str:
    path = f"/rooms/{room_id}"
    return http(server.port, server.url, path, world.people[username])[1].decode()


def _rooms(world: World, username: str) -> list[str]:
    return [room.room_id for room in world.services.rooms.list_for(world.people[username].user)]
