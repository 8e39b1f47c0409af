"""R5: whoever was away for a while has everything afterwards, once, in order, and no more."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import judged, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import QUICK, Sizes
from tests.faults.world import World, database_of
from tests.server import EVENTLET
from tests.wire import until

FORGETFUL = (*EVENTLET[:-1], "tests.faults.broken.forgetful:app")
DAWDLING = (*EVENTLET[:-1], "tests.faults.broken.dawdling:app")
NOT_FOLLOWING = (*EVENTLET[:-1], "tests.faults.broken.not_following:app")
SHORTEST_SECONDS = 0.5
MORE = 10  # messages of each who talks, after the last have left
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

        cuts = f"{sizes.clients * sizes.cuts} cuts of up to {sizes.longest_cut_seconds:.0f} s"
        keep("R5 cut off and back", verdict, cuts)
        assert verdict.is_clean, verdict

    def test_R5_teeth_leaving_out_one_message_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        few = replace(QUICK, clients=6, cuts=2)
        assert _with_cuts(world, store, proxy, few, FORGETFUL).lost > 0

    def test_R5_teeth_telling_those_who_have_left_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        uncut = replace(QUICK, clients=4, cuts=0)  # who was cut off would ask who they are
        assert _with_cuts(world, store, proxy, uncut, NOT_FOLLOWING).leaked > 0


class TestCatchingUp:
    """R5"""

    def test_R5_what_was_missed_is_there_at_once(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        keep: Keep,
    ) -> None:
        absence = Absence(world, store, proxy, EVENTLET)

        # The best of three: a machine that stands still itself says nothing about us.
        for _ in range(3):
            seconds = absence.miss(sizes.missed)
            if seconds < CATCH_UP_LIMIT_SECONDS:
                break

        verdict = judged(world, [absence.room], [absence.client])
        verdict.tries = len(absence.client.log[absence.room])
        keep("R5 catching up", verdict, f"{sizes.missed} missed: {seconds:.2f} s")
        assert verdict.is_clean, verdict
        assert seconds < CATCH_UP_LIMIT_SECONDS

    def test_R5_teeth_taking_a_second_for_a_page_is_caught(
        self, world: World, store: Store, proxy: Callable[[Any], Proxy]
    ) -> None:
        absence = Absence(world, store, proxy, DAWDLING)

        assert absence.miss(QUICK.missed) > CATCH_UP_LIMIT_SECONDS
        absence.client.stop()


class Absence:
    """Somebody whose connection is refused while another one talks."""

    def __init__(
        self,
        world: World,
        store: Store,
        proxy: Callable[[Any], Proxy],
        command: tuple[str, ...],
    ) -> None:
        writer, reader = named(world, "person", 2)
        self.room = world.add_room("Pier", writer, reader)
        self._world, self._writer = world, world.people[writer].user
        server = world.serve(database_of(store.uri, world.name), command)
        self._between = proxy(server.port)
        self.client = Client(world.people[reader], server.port, [self.room], self._between.url)
        self.client.start()

    def miss(self, count: int) -> float:
        """Let that many be missed; return the seconds from the return until all are there."""
        until(lambda: self.client.wire is not None and self.client.wire.is_open)
        self._between.refuse()
        for _ in range(count):
            self._world.services.messages.post(self._writer, self.room, str(uuid4()))
        head = len(self._world.stored(self.room))

        self._between.release()
        began = time.monotonic()
        until(lambda: self.client.last(self.room) == head)
        return time.monotonic() - began


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

    try:
        left = _come_and_go(world, room, readers[::2], sizes.cuts)
        _hear_more(talkers)
        for thread in faults:
            thread.join()
    finally:
        talking.clear()
    for thread in chatter:
        thread.join()
    return _judge(world, room, {**clients, **{one.username: one for one in talkers}}, left)


def _hear_more(talkers: list[Client]) -> None:
    """Return when all of them have said more than they had, now that some have left."""
    enough = [len(talker.acknowledged) + MORE for talker in talkers]
    for talker, count in zip(talkers, enough, strict=True):
        until(lambda: len(talker.acknowledged) >= count, END_LIMIT_SECONDS)  # noqa: B023


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
        # As many of half a second to one as of thirty to sixty.
        time.sleep(SHORTEST_SECONDS * (longest / SHORTEST_SECONDS) ** random.random())
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
        left[name] = world.services.heads([room])[room]
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
        log = clients[name].log[room]
        # What was told after a gap is in no log, and was told all the same.
        heard = {message["seq"] for message in [*log, *clients[name].live]}
        verdict.leaked += sum(seq > head for seq in heard)
        verdict = verdict + audit(stored[: len(log)], [], {name: log})
    return verdict


# A socket that cannot be opened is left to the collector by the client library.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
