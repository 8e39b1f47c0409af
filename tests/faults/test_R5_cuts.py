"""R5: whoever was away for a while has everything afterwards, once, in order, and no more."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.conftest import Keep, Store
from tests.faults.people import named
from tests.faults.proxy import Proxy
from tests.faults.sizes import Sizes
from tests.faults.world import World, database_of
from tests.server import EVENTLET
from tests.wire import until

FORGETFUL = (*EVENTLET[:-1], "tests.faults.broken.forgetful:app")
SHORTEST_SECONDS = 0.5
CATCH_UP_LIMIT_SECONDS = 2.0
END_LIMIT_SECONDS = 60


class TestCuts:
    """R5"""

    def test_R5_leave_everybody_with_what_is_theirs(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        keep: Keep,
    ) -> None:
        verdict = _with_cuts(world, store, proxy, sizes, EVENTLET)

        keep("R5 cut off and back", verdict)
        assert verdict.is_clean, verdict

    def test_R5_teeth_leaving_out_one_message_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy], sizes: Sizes
    ) -> None:
        assert _with_cuts(world, store, proxy, sizes, FORGETFUL).lost > 0

    def test_R5_what_was_missed_is_there_at_once(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        record_property: Callable[[str, object], None],
    ) -> None:
        ana, ben = named(world, "person", 2)
        room = world.add_room("Pier", ana, ben)
        server = world.serve(database_of(store.uri, world.name))
        between = proxy(server.port)
        client = Client(world.people[ben], server.port, [room], between.url)
        client.start()
        until(lambda: client.wire is not None and client.wire.is_open)
        between.refuse()
        writer = world.people[ana].user
        for number in range(sizes.missed):
            world.services.messages.post(writer, room, f"no. {number}")

        between.release()
        began = time.monotonic()
        until(lambda: client.last(room) == sizes.missed)
        seconds = time.monotonic() - began
        client.stop()

        record_property("seconds", f"{sizes.missed} missed, {seconds:.2f}")
        assert [message["seq"] for message in client.log[room]] == list(range(1, sizes.missed + 1))
        assert seconds < CATCH_UP_LIMIT_SECONDS


def _with_cuts(
    world: World,
    store: Store,
    proxy: Callable[[Any], Proxy],
    sizes: Sizes,
    command: tuple[str, ...],
) -> Verdict:
    """Everybody behind a connection of their own, which breaks; some come and go meanwhile."""
    writers, readers = named(world, "writer", 2), named(world, "reader", sizes.clients)
    room = world.add_room("Pier", *writers, *readers)
    server = world.serve(database_of(store.uri, world.name), command)
    between = {name: proxy(server.port) for name in readers}
    clients = {
        name: Client(world.people[name], server.port, [room], between[name].url) for name in readers
    }
    talkers = [Client(world.people[name], server.port, [room]) for name in writers]
    for client in (*clients.values(), *talkers):
        client.start()
        until(lambda: client.wire is not None and client.wire.is_open)  # noqa: B023
    talking = threading.Event()
    talking.set()
    chatter = [threading.Thread(target=_talk, args=[one, room, talking]) for one in talkers]
    faults = [
        threading.Thread(target=_break, args=[one, sizes.cuts, sizes.longest_cut_seconds])
        for one in between.values()
    ]
    for thread in (*chatter, *faults):
        thread.start()

    left = _come_and_go(world, room, readers[::2], sizes.cuts)

    for thread in faults:
        thread.join()
    talking.clear()
    for thread in chatter:
        thread.join()
    return _judge(world, room, {**clients, **{one.username: one for one in talkers}}, left)


def _talk(client: Client, room: str, talking: threading.Event) -> None:
    number = 0
    while talking.is_set():
        number += 1
        client.deliver(room, f"{client.username} {number}")
        time.sleep(0.02)


def _break(between: Proxy, times: int, longest: float) -> None:
    for _ in range(times):
        time.sleep(random.uniform(0, 1))
        fault = random.choice([between.cut, between.half_open, between.refuse, between.hold])
        fault()
        time.sleep(random.uniform(SHORTEST_SECONDS, longest))
        between.release()


def _come_and_go(world: World, room: str, names: list[str], rounds: int) -> dict[str, int]:
    """Remove and add some again; return who is out at the end, and what there was by then."""
    rooms = world.services.rooms
    founder = next(iter(world.people.values())).user
    for _ in range(rounds):
        for name in names:
            rooms.remove_member(founder, room, name)
        for name in names:
            rooms.add_members(founder, room, [name])
    left = {}
    for name in names[::2]:
        rooms.remove_member(founder, room, name)
        left[name] = len(world.stored(room))
    return left


def _judge(world: World, room: str, clients: dict[str, Client], left: dict[str, int]) -> Verdict:
    stored = world.stored(room)
    for name, client in clients.items():
        if name not in left:
            try:
                until(lambda: client.last(room) >= len(stored), END_LIMIT_SECONDS)  # noqa: B023
            except TimeoutError:
                break  # the audit says what is missing
    for client in clients.values():
        client.stop()
    said = [message for client in clients.values() for message in client.acknowledged]
    inside = {name: one.log[room] for name, one in clients.items() if name not in left}
    verdict = audit(stored, said, inside)
    for name, head in left.items():
        seen = [message["seq"] for message in clients[name].log[room]]
        verdict.leaked += sum(seq > head for seq in seen)
        verdict.doubled += len(seen) - len(set(seen))
        verdict.inversions += seen != sorted(seen)
    return verdict


pytestmark = [
    pytest.mark.timeout(1_800),
    # A socket that cannot be opened is left to the collector by the client library.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
