"""R8: Redis is gone or hangs. Its own process misses nothing, the other one catches up."""

import time

import pytest

from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.sizes import Sizes
from tests.faults.world import Redis, World, database_of
from tests.server import EVENTLET
from tests.wire import until

HEARTLESS = (*EVENTLET[:-1], "tests.faults.broken.heartless:app")
DEAF = (*EVENTLET[:-1], "tests.faults.broken.deaf:app")
CAUGHT_UP_LIMIT_SECONDS = 10.0
ACK_LIMIT_SECONDS = 2.5
PAUSE_SECONDS = 0.05


class TestRedisGone:
    @pytest.mark.parametrize("fault", ["killed", "hung"])
    def test_R8_is_made_up_for(
        self, world: World, store: Store, redis: Redis, sizes: Sizes, keep: Keep, fault: str
    ) -> None:
        room, writer, near, far = _start(world, store, redis, EVENTLET)
        assert writer.deliver(room, "before")

        slowest = late = 0.0
        for seconds in sizes.redis_outage_seconds:
            (redis.kill if fault == "killed" else redis.pause)()
            slowest = max(slowest, _post_for(seconds, writer, room, fault))
            (redis.start if fault == "killed" else redis.go_on)()
            head = world.stored(room)[-1]["seq"]
            over = time.monotonic()
            until(lambda: far.last(room) >= head, CAUGHT_UP_LIMIT_SECONDS)  # noqa: B023
            late = max(late, time.monotonic() - over)

        heard = [message["seq"] for message in near.live]
        verdict = judged(world, [room], [writer, near, far])
        verdict.lost += len(set(range(1, verdict.tries + 1)) - set(heard))
        measured = f"acknowledged within {slowest:.1f} s, caught up {late:.1f} s after"
        keep(f"R8 Redis {fault}", verdict, measured)
        assert verdict.is_clean, verdict
        assert slowest < ACK_LIMIT_SECONDS

    def test_R8_a_change_is_made_up_for(self, world: World, store: Store, redis: Redis) -> None:
        room, writer, _, far = _start(world, store, redis, EVENTLET)
        assert writer.deliver(room, "first words")
        said = writer.acknowledged[-1]["id"]
        until(lambda: far.last(room) == 1)

        redis.kill()
        asked = {"room_id": room, "message_id": said, "text": "other words"}
        assert writer.wire is not None
        assert writer.wire.ask("edit_message", asked)["ok"]

        def is_hinted_at() -> bool:
            heard = far.wire.of("changes") if far.wire else []
            return any(hint.get(room, {}).get(said) == 1 for hint in heard)

        until(is_hinted_at, CAUGHT_UP_LIMIT_SECONDS)
        redis.start()

    def test_R8_the_push_is_back_soon_after_redis_is(
        self, world: World, store: Store, redis: Redis
    ) -> None:
        _wait_for_the_push(world, store, redis, EVENTLET)

    def test_R8_teeth_listening_no_more_is_caught(
        self, world: World, store: Store, redis: Redis
    ) -> None:
        with pytest.raises(TimeoutError):
            _wait_for_the_push(world, store, redis, DEAF)

    def test_R8_teeth_trusting_redis_alone_is_caught(
        self, world: World, store: Store, redis: Redis
    ) -> None:
        room, writer, _, far = _start(world, store, redis, HEARTLESS)

        redis.kill()
        _post_for(1, writer, room, "killed")
        redis.start()

        head = writer.acknowledged[-1]["seq"]
        with pytest.raises(TimeoutError):
            until(lambda: far.last(room) >= head, CAUGHT_UP_LIMIT_SECONDS)


def _wait_for_the_push(world: World, store: Store, redis: Redis, command: tuple[str, ...]) -> None:
    """Kill Redis and start it again; go on when one process hears the other, or raise."""
    room, writer, _, far = _start(world, store, redis, command)
    redis.kill()
    assert writer.deliver(room, "nobody there")
    redis.start()

    def is_pushed() -> bool:
        assert writer.deliver(room, f"again {time.monotonic()}")
        seq = writer.acknowledged[-1]["seq"]
        return any(message["seq"] == seq for message in far.live)

    until(is_pushed, CAUGHT_UP_LIMIT_SECONDS)


def _start(
    world: World, store: Store, redis: Redis, command: tuple[str, ...]
) -> tuple[str, Client, Client, Client]:
    """Return a room, its writer and a reader beside it, and a reader at another process."""
    writer, near, far = named(world, "person", 3)
    room = world.add_room("Pier", writer, near, far)
    uri = database_of(store.uri, world.name)
    one, other = world.serve_each(uri, command, *[{"SOCKETIO_MESSAGE_QUEUE": redis.url}] * 2)
    here = clients_of(world, [room], one.port, [writer, near])
    return room, *here, *clients_of(world, [room], other.port, [far])


def _post_for(seconds: float, writer: Client, room: str, label: str) -> float:
    """Post as long as that; return the longest wait for an acknowledgement."""
    slowest, over, number = 0.0, time.monotonic() + seconds, 0
    while time.monotonic() < over:
        asked_at, number = time.monotonic(), number + 1
        assert writer.deliver(room, f"{label} {seconds} {number}")
        slowest = max(slowest, time.monotonic() - asked_at)
        time.sleep(PAUSE_SECONDS)  # a rate, not a wait
    return slowest
