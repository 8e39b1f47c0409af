"""R1, R2: what was acknowledged survives `kill -9`, of the program and of the database."""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.faults.audit import Verdict
from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.sizes import QUICK, Sizes
from tests.faults.world import World, database_of
from tests.server import EVENTLET, Server, processes_in
from tests.wire import until

ACKS_FIRST = (*EVENTLET[:-1], "tests.faults.broken.acks_first:app")
CARELESS = (*EVENTLET[:-1], "tests.faults.broken.careless:app")
BITE = replace(QUICK, kills=4)
KILL_LIMIT_SECONDS = 60


class TestTheProgram:
    """R1"""

    def test_R1_killed_loses_and_doubles_nothing(
        self, world: World, store: Store, sizes: Sizes, keep: Keep
    ) -> None:
        verdict = _with_kills(world, store, sizes, EVENTLET, _kill_program)

        keep("R1 kill -9 of the program", verdict, f"{sizes.kills} kills")
        assert verdict.is_clean, verdict

    def test_R1_teeth_acknowledging_before_the_commit_is_caught(
        self, world: World, store: Store
    ) -> None:
        assert _with_kills(world, store, BITE, ACKS_FIRST, _kill_program).lost > 0


class TestTheDatabase:
    """R2"""

    def test_R2_killed_loses_and_doubles_nothing(
        self, make_world: Callable[..., World], own_store: Store, sizes: Sizes, keep: Keep
    ) -> None:
        world = make_world(own_store)
        verdict = _with_kills(world, own_store, sizes, EVENTLET, _kill_mongod)

        keep("R2 kill -9 of the database", verdict, f"{sizes.kills} kills")
        assert verdict.is_clean, verdict

    def test_R2_teeth_not_waiting_for_the_journal_is_caught(
        self, make_world: Callable[..., World], own_store: Store
    ) -> None:
        world = make_world(own_store)
        assert not _with_kills(world, own_store, BITE, CARELESS, _kill_mongod).is_clean


Kill = Callable[[Server, Store], None]


def _kill_program(server: Server, store: Store) -> None:
    server.kill()
    server.start()


def _kill_mongod(server: Server, store: Store) -> None:
    for pid in processes_in(store.folder, "mongod"):
        os.kill(pid, signal.SIGKILL)


def _with_kills(
    world: World, store: Store, sizes: Sizes, command: tuple[str, ...], kill: Kill
) -> Verdict:
    writers, readers = named(world, "writer", sizes.writers), named(world, "reader", sizes.readers)
    rooms = [world.add_room(f"Pier {n}", *writers, *readers) for n in range(sizes.rooms)]
    server = world.serve(database_of(store.uri, world.name), command)
    clients = clients_of(world, rooms, server.port, writers + readers)
    with _writing(clients[: len(writers)], rooms) as count:
        for _ in range(sizes.kills):
            so_far = count()
            wanted = so_far + random.randint(1, sizes.between_kills)
            until(lambda: count() >= wanted, KILL_LIMIT_SECONDS)  # noqa: B023
            kill(server, store)
        so_far = count()
        until(lambda: count() >= so_far + sizes.between_kills, KILL_LIMIT_SECONDS)
    return judged(world, rooms, clients)


@contextmanager
def _writing(writers: list[Client], rooms: list[str]) -> Iterator[Callable[[], int]]:
    """Let them post all the time; give how many were acknowledged by now."""
    stop = threading.Event()

    def write(writer: Client) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            writer.deliver(random.choice(rooms), f"{writer.username} {number}")

    threads = [threading.Thread(target=write, args=[writer], daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    yield lambda: sum(len(writer.acknowledged) for writer in writers)
    stop.set()
    for thread in threads:
        thread.join(KILL_LIMIT_SECONDS)
