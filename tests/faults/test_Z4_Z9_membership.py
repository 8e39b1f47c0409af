"""Z4: who was removed hears nothing more. Z9: a room keeps an admin, whatever two of them do."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.core.database import Documents
from chatapp.core.errors import ChatError
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from tests.cast import PASSWORD, at_once
from tests.faults.audit import Verdict
from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import clients_of, named
from tests.faults.proxy import Proxy
from tests.faults.sizes import Sizes
from tests.faults.world import Redis, World, database_of, http
from tests.server import EVENTLET, Server
from tests.wire import until

NOT_FOLLOWING = (*EVENTLET[:-1], "tests.faults.broken.not_following:app")
PER_SECOND = 30  # of each of four who talk, two at each process; fewer where it is slow
MORE = 10  # messages after each removal, from each of them


class TestRemoval:
    """Z4"""

    def test_Z4_holds_on_every_process_once_acknowledged(
        self,
        world: World,
        store: Store,
        redis: Redis,
        proxy: Callable[[Any], Proxy],
        sizes: Sizes,
        keep: Keep,
    ) -> None:
        """While 100 messages a second are said: in full size it has to be as many."""
        with Scene(world, store, redis, proxy, EVENTLET) as scene:
            for number in range(sizes.removals):
                scene.remove_and_listen(is_redis_held=number % 2 == 1)

        verdict = Verdict(tries=sizes.removals, leaked=scene.leaked)
        keep("Z4 the removed hear nothing", verdict, f"at {scene.rate:.0f} messages a second")
        assert verdict.is_clean, verdict
        assert scene.rate >= sizes.removal_rate

    def test_Z4_teeth_trusting_redis_alone_is_caught(
        self, world: World, store: Store, redis: Redis, proxy: Callable[[Any], Proxy]
    ) -> None:
        with Scene(world, store, redis, proxy, NOT_FOLLOWING) as scene:
            scene.remove_and_listen(is_redis_held=True)

        assert scene.leaked > 0


class Scene:
    """Two processes, people who talk on both, and one with a socket on each who is removed."""

    def __init__(
        self,
        world: World,
        store: Store,
        redis: Redis,
        proxy: Callable[[Any], Proxy],
        command: tuple[str, ...],
    ) -> None:
        self.leaked = 0
        self.rate = 0.0
        """Messages a second, all in all."""
        self._world = world
        self._admin, *talkers, victim = named(world, "person", 6)
        self._victim = victim
        self._room = world.add_room("Pier", *talkers, victim)
        self._between = proxy(redis.port)
        uri = database_of(store.uri, world.name)
        queues = (redis.url, f"redis://127.0.0.1:{self._between.port}/0")
        settings = [{"SOCKETIO_MESSAGE_QUEUE": queue} for queue in queues]
        self._servers = world.serve_each(uri, command, *settings)
        ports = [server.port for server in self._servers]
        rooms = [self._room]
        self._near = clients_of(world, rooms, ports[0], talkers[:2])
        self._far = clients_of(world, rooms, ports[1], talkers[2:])
        self._talkers = [*self._near, *self._far]
        self._victims = [
            client for port in ports for client in clients_of(world, [], port, [victim])
        ]
        self._is_over = threading.Event()

    def __enter__(self) -> "Scene":
        self._began_at = time.monotonic()
        for talker in self._talkers:
            threading.Thread(target=self._talk, args=(talker,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        said = sum(len(talker.acknowledged) for talker in self._talkers)
        self.rate = said / (time.monotonic() - self._began_at)
        self._is_over.set()
        for client in (*self._talkers, *self._victims):
            client.stop()

    def _talk(self, talker: Client) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            talker.deliver(self._room, f"{talker.username} {number}")
            # By the clock, or every slow answer would lower the rate.
            due = self._began_at + number / PER_SECOND
            self._is_over.wait(max(0.0, due - time.monotonic()))

    def remove_and_listen(self, is_redis_held: bool) -> None:
        self._wait_until_heard()
        if is_redis_held:
            self._between.hold()

        self._change(f"/rooms/{self._room}/members/{self._victim}/remove", username=self._victim)
        head = self._world.services.heads([self._room])[self._room]

        enough = [len(talker.acknowledged) + MORE for talker in self._talkers]
        until(
            lambda: all(
                len(talker.acknowledged) > count
                for talker, count in zip(self._talkers, enough, strict=True)
            ),
            60,
        )
        self._between.release()
        self._wait_until_carried()
        for victim in self._victims:
            self.leaked += sum(message["seq"] > head for message in victim.live)
        self._change(f"/rooms/{self._room}/members", members=self._victim)

    def _wait_until_heard(self) -> None:
        """Go on when the victim hears the room live, in both processes."""
        for victim in self._victims:
            victim.live.clear()
            until(lambda: len(victim.live) > 0)  # noqa: B023

    def _wait_until_carried(self) -> None:
        """Go on when the far process has heard of all that Redis was given before."""
        near = {talker.username for talker in self._near}
        last = self._world.services.heads([self._room])[self._room]
        for talker in self._far:
            talker.live.clear()
            until(lambda: any(m["seq"] > last and m["sender"] in near for m in list(talker.live)))  # noqa: B023

    def _change(self, path: str, **form: str) -> None:
        server: Server = self._servers[0]
        somebody = self._world.people[self._admin]
        status, body = http(server.port, server.url, path, somebody, **form)
        assert status == 303, body


class TestLastAdmins:
    """Z9"""

    def test_Z9_leave_one_of_them(self, harbour: Services, sizes: Sizes, keep: Keep) -> None:
        without = _rooms_without_admin(harbour, sizes.admin_pairs)

        keep("Z9 a room keeps an admin", Verdict(tries=sizes.admin_pairs, lost=without))
        assert without == 0

    def test_Z9_teeth_counting_first_is_caught(
        self, harbour: Services, mongodb: Documents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def remove_room_admin(self: RoomRepository, room_id: str, username: str) -> bool:
            members = self.get_room_members(room_id)
            if sum(member.is_room_admin for member in members) < 2:
                return False
            self._set_admin(room_id, username, is_room_admin=False)
            return True

        monkeypatch.setattr(RoomRepository, "remove_room_admin", remove_room_admin)

        assert _rooms_without_admin(harbour, 30) > 0


def _rooms_without_admin(services: Services, pairs: int) -> int:
    ana = services.accounts.set_up("Harbour", "ana", PASSWORD)
    ben = services.accounts.sign_up("ben", "Ben", PASSWORD, services.accounts.invite(ana))
    without = 0
    for number in range(pairs):
        room = services.rooms.create(ana, f"Room {number}", ["ben"])
        services.rooms.make_admin(ana, room.id, "ben")

        outcomes = at_once(
            lambda: services.rooms.unmake_admin(ana, room.id, "ben"),  # noqa: B023
            lambda: services.rooms.unmake_admin(ben, room.id, "ana"),  # noqa: B023
        )

        assert all(outcome is None or isinstance(outcome, ChatError) for outcome in outcomes)
        members = services.rooms.members(ana, room.id)
        without += not any(member.is_room_admin for member in members)
    return without
