"""R3: a retry doubles nothing. R4: one order, the same live, in history and for all."""

import json
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import QUICK, Sizes
from tests.faults.world import Somebody, World, database_of, http, together
from tests.server import EVENTLET, Server

ACK_LIMIT_SECONDS = 0.5  # only to be quick: a late ack is one more retry
BROKEN_COUNTER = (*EVENTLET[:-1], "tests.faults.broken.counted_first:app")


class TestRetries:
    """R3"""

    def test_R3_double_nothing(
        self, world: World, store: Any, proxy: Callable[..., Proxy], sizes: Sizes, keep: Keep
    ) -> None:
        verdict = _with_lost_acks(world, store.uri, proxy, sizes, is_new_id=False)

        keep("R3 a retry doubles nothing", verdict)
        assert verdict.is_clean, verdict

    def test_R3_teeth_a_new_id_for_each_retry_is_caught(
        self, world: World, store: Any, proxy: Callable[..., Proxy]
    ) -> None:
        few = replace(QUICK, resends=40)
        assert _with_lost_acks(world, store.uri, proxy, few, is_new_id=True).doubled > 0


def _with_lost_acks(
    world: World, uri: str, proxy: Callable[..., Proxy], sizes: Sizes, is_new_id: bool
) -> Verdict:
    names = named(world, "writer", sizes.writers)
    room = world.add_room("Pier", *names)
    server = world.serve(database_of(uri, world.name))
    front = proxy(server.port)
    writers = clients_of(world, [room], server.port, names, front.url)
    front.drops = lambda frame: frame.startswith("43/chat") and random.random() < 0.3

    def write(writer: Client) -> None:
        for number in range(math.ceil(sizes.resends / len(names))):
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
    servers = world.serve_each(own, command, *[{"SOCKETIO_MESSAGE_QUEUE": queue}] * 2)
    everybody = [
        client
        for number, server in enumerate(servers)
        for client in clients_of(world, [room], server.port, (writers + readers)[number::2])
    ]
    pollers = [Poller(world.people[readers[0]], server, room) for server in servers * 2]
    for poller in pollers:
        poller.start()

    def write(writer: Client) -> None:
        for number in range(messages // len(writers)):
            assert writer.deliver(room, f"{writer.username} {number}")

    posting = [client for client in everybody if client.username in writers]
    together(*(lambda writer=writer: write(writer) for writer in posting))
    for poller in pollers:
        poller.finish()
    verdict = judged(world, [room], everybody)
    logs = {f"poller {number}": poller.log for number, poller in enumerate(pollers)}
    polled = audit(world.stored(room), [], logs)
    return verdict + polled


class Poller(threading.Thread):
    """Somebody without a socket, who asks `after=` what they have, again and again."""

    def __init__(self, somebody: Somebody, server: Server, room: str) -> None:
        super().__init__(daemon=True)
        self.log: list[dict[str, Any]] = []
        self._somebody = somebody
        self._server = server
        self._room = room
        self._is_over = threading.Event()

    def run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._is_over.is_set()
            while messages := self._page():
                self.log += messages
            time.sleep(0.005)  # a rate, not a wait

    def _page(self) -> list[dict[str, Any]]:
        after = self.log[-1]["seq"] if self.log else 0
        path = f"/rooms/{self._room}/messages?after={after}&limit=50"
        status, body = http(self._server.port, self._server.url, path, self._somebody)
        assert status == 200, body
        messages: list[dict[str, Any]] = json.loads(body)["messages"]
        return messages

    def finish(self) -> None:
        self._is_over.set()
        self.join(60)
