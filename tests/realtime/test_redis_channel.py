"""What processes say to each other: in order, together, and without anybody waiting for Redis."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chatapp.realtime import redis_channel
from chatapp.realtime.redis_channel import MOST_AT_ONCE, MOST_WAITING, RedisChannel
from tests.faults.world import Redis, redis_server
from tests.wire import until


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


class Listener:
    """Another process, as far as Redis knows."""

    def __init__(self, url: str, sender: str = "somebody else") -> None:
        self.batches: list[Any] = []
        self.channel = RedisChannel(url, "test")
        self.channel.sender = sender
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for published in self.channel.heard():
            self.batches.append(json.loads(published))

    @property
    def heard(self) -> list[Any]:
        return [text for batch in self.batches for text in batch["said"]]


def listening(redis: Redis, speaker: RedisChannel) -> Listener:
    listener = Listener(redis.url)

    until(lambda: _is_heard(speaker, listener))
    return listener


def _is_heard(speaker: RedisChannel, listener: Listener) -> bool:
    speaker.say('"are you there?"')
    return bool(listener.heard)


class TestSaying:
    def test_is_heard_by_others_in_order_and_not_by_oneself(self, redis: Redis) -> None:
        one, other = RedisChannel(redis.url, "test"), RedisChannel(redis.url, "test")
        listener = listening(redis, one)
        itself = Listener(redis.url, one.sender)
        until(lambda: _is_heard(other, itself))
        one.start()

        for number in range(500):
            one.say(str(number))
        until(lambda: 499 in listener.heard)
        other.say('"the end"')  # not started: it is sent at once, as by a command
        until(lambda: "the end" in itself.heard)

        assert [said for said in listener.heard if isinstance(said, int)] == list(range(500))
        assert {batch["sender"] for batch in listener.batches} == {one.sender, other.sender}
        assert {batch["sender"] for batch in itself.batches} == {other.sender}

    def test_what_waits_is_sent_together_within_a_bound(self, redis: Redis) -> None:
        speaker = RedisChannel(redis.url, "test")
        listener = listening(redis, speaker)
        speaker._is_started = True  # and nobody sends yet

        for number in range(MOST_WAITING + 5):
            speaker.say(str(number))
        speaker.start()
        until(lambda: MOST_WAITING - 1 in listener.heard)

        sizes = [
            len(batch["said"]) for batch in listener.batches if isinstance(batch["said"][0], int)
        ]
        assert sizes == [MOST_AT_ONCE] * (MOST_WAITING // MOST_AT_ONCE)
        assert MOST_WAITING not in listener.heard

    def test_never_waits_for_a_redis_that_hangs(
        self, redis: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(redis_channel, "REST_SECONDS", 0.1)
        speaker = RedisChannel(redis.url, "test")
        listener = listening(redis, speaker)
        speaker.start()

        redis.pause()
        said = threading.Event()

        def say() -> None:
            for number in range(100):
                speaker.say(str(number))
            said.set()

        threading.Thread(target=say, daemon=True).start()
        was_quick = said.wait(0.5)  # half of what Redis is given to answer
        redis.go_on()

        assert was_quick

        def is_heard_again() -> bool:
            speaker.say('"back"')
            return "back" in listener.heard

        until(is_heard_again)
