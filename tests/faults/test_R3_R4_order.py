"""R3: a retry doubles nothing. R4: one order, the same live, in history and for all."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.conftest import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import Sizes
from tests.faults.world import World, database_of, together
from tests.server import EVENTLET

ACK_LIMIT_SECONDS = 0.5  # only to be quick: a late ack is one more retry
BROKEN_COUNTER = (*EVENTLET[:-1], "tests.faults.broken.counted_first:app")


class TestRetries:
    """R3"""

    def test_R3_double_nothing(
        self, world: World, store: Any, proxy: Callable[..., Proxy], sizes: Sizes, keep: Keep
    ) -> None:
        verdict = _with_lost_acks(world, store.uri, proxy, sizes.resends, is_new_id=False)

        keep("R3 a retry doubles nothing", verdict)
        assert verdict.is_clean, verdict

    def test_R3_teeth_a_new_id_for_each_retry_is_caught(
        self, world: World, store: Any, proxy: Callable[..., Proxy]
    ) -> None:
        assert _with_lost_acks(world, store.uri, proxy, 40, is_new_id=True).doubled > 0


def _with_lost_acks(
    world: World, uri: str, proxy: Callable[..., Proxy], sends: int, is_new_id: bool
) -> Verdict:
    names = named(world, "writer", 4)
    room = world.add_room("Pier", *names)
    server = world.serve(database_of(uri, world.name))
    front = proxy(server.port)
    writers = clients_of(world, [room], server.port, names, front.url)
    front.drops = lambda frame: frame.startswith("43/chat") and random.random() < 0.3

    def write(writer: Client) -> None:
        for number in range(sends // len(names)):
            text = f"{writer.username} {number}"
            assert writer.deliver(room, text, ACK_LIMIT_SECONDS, is_new_id)

    together(*(lambda writer=writer: write(writer) for writer in writers))
    front.drops = lambda frame: False
    return judged(world, [room], writers)


class TestOrder:
    """R4"""

    def test_R4_is_one_for_all(
        self, world: World, store: Any, redis: Any, sizes: Sizes, keep: Keep
    ) -> None:
        verdict = _from_two_processes(world, store.uri, redis.url, sizes.ordered, EVENTLET)

        keep("R4 one order, live and stored", verdict)
        assert verdict.is_clean, verdict

    def test_R4_teeth_counting_before_inserting_is_caught(
        self, world: World, store: Any, redis: Any
    ) -> None:
        assert not _from_two_processes(world, store.uri, redis.url, 160, BROKEN_COUNTER).is_clean


def _from_two_processes(
    world: World, uri: str, queue: str, messages: int, command: tuple[str, ...]
) -> Verdict:
    writers, readers = named(world, "writer", 8), named(world, "reader", 4)
    room = world.add_room("Pier", *writers, *readers)
    own = database_of(uri, world.name)
    servers = [world.serve(own, command, SOCKETIO_MESSAGE_QUEUE=queue) for _ in range(2)]
    everybody = [
        client
        for number, server in enumerate(servers)
        for client in clients_of(world, [room], server.port, (writers + readers)[number::2])
    ]
    pollers = [Poller(world, room) for _ in range(4)]
    for poller in pollers:
        poller.start()

    def write(writer: Client) -> None:
        for number in range(messages // len(writers)):
            assert writer.deliver(room, f"{writer.username} {number}")

    posting = [client for client in everybody if client.username in writers]
    together(*(lambda writer=writer: write(writer) for writer in posting))
    head = world.stored(room)[-1]["seq"]
    for poller in pollers:
        poller.finish(head)
    verdict = judged(world, [room], everybody)
    logs = {f"poller {number}": poller.log for number, poller in enumerate(pollers)}
    polled = audit(world.stored(room), [], logs)
    return verdict + polled


class Poller(threading.Thread):
    """Somebody without a socket, who asks `after=` what they have, again and again."""

    def __init__(self, world: World, room: str) -> None:
        super().__init__(daemon=True)
        self.log: list[dict[str, Any]] = []
        self._world = world
        self._room = room
        self._until: int | None = None

    def run(self) -> None:
        founder = next(iter(self._world.people.values())).user
        while True:
            is_last = self._until is not None
            after = self.log[-1]["seq"] if self.log else 0
            page = self._world.services.messages.history(founder, self._room, after=after, limit=50)
            self.log += [message.public() for message in page.messages]
            if is_last and not page.messages:
                return
            time.sleep(0.005)

    def finish(self, head: int) -> None:
        self._until = head
        self.join(20)
