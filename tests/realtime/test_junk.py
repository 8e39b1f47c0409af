"""W14: whatever is published on our channel in Redis, we go on to hear the other processes."""

import json
import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from chatapp.core.events import room_channel
from tests.faults.world import Redis, redis_server
from tests.wire import until

OURS = {
    "method": "emit",
    "event": "message_posted",
    "data": [{"seq": 1}],
    "binary": False,
    "namespace": "/chat",
    "room": room_channel("665f00000000000000000000"),
    "skip_sid": None,
    "callback": None,
    "host_id": "another",
    "versions": {},
}


class Loaded:
    """Says so when somebody unpickles it."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was loaded",))


JUNK: dict[str, bytes] = {
    "pickle": pickle.dumps(Loaded()),
    "pickle of a message": pickle.dumps(OURS),
    "nothing": b"",
    "no text": b"\xff\x00\x80",
    "no json": b"{",
    "number": b"5",
    "text": b'"method"',
    "list": b'["method"]',
    "null": b"null",
    "not a number": b'{"method":NaN}',
    "very deep": b"[" * 30_000,
    "empty object": b"{}",
    "another method": json.dumps({**OURS, "method": "disconnect", "sid": "x"}).encode(),
    "no method": json.dumps({**OURS, "method": None}).encode(),
    "method alone": b'{"method":"emit"}',
    "no host": json.dumps({**OURS, "host_id": None}).encode(),
    "host of a number": json.dumps({**OURS, "host_id": 5}).encode(),
    "data of nothing": json.dumps({**OURS, "data": []}).encode(),
    "data of text": json.dumps({**OURS, "data": "x"}).encode(),
    "event of an object": json.dumps({**OURS, "event": {"$gt": ""}}).encode(),
    "another namespace": json.dumps({**OURS, "namespace": "/"}).encode(),
    "callback": json.dumps({**OURS, "callback": ["a", "b", 1]}).encode(),
    "attachments": json.dumps({**OURS, "binary": True}).encode(),
    "versions of text": json.dumps({**OURS, "versions": {"a": "b"}}).encode(),
    "room of an object": json.dumps({**OURS, "room": {"a": 1}}).encode(),
    "move of one": json.dumps({**OURS, "event": "$channels", "data": ["enter"]}).encode(),
    "move of numbers": json.dumps({**OURS, "event": "$channels", "data": [1, 2, 3]}).encode(),
    "change with data": json.dumps({**OURS, "event": "$changed", "data": [1]}).encode(),
}


@pytest.fixture(scope="module")
def queue() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


def test_W14_junk_is_ignored(
    queue: Redis, make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(SOCKETIO_MESSAGE_QUEUE=queue.url)
    manager = app.extensions["socketio"].server.manager
    told: list[tuple[str, Any]] = []
    manager.on_told = lambda event, payload: told.append((event, payload))
    caplog.set_level(logging.WARNING)
    manager.initialize()  # as with the first socket
    with redis.Redis.from_url(queue.url) as publisher:
        until(lambda: publisher.publish(manager.channel, json.dumps(OURS)) == 1)
        until(lambda: bool(told))
        for junk in JUNK.values():
            # One: our process never stopped to listen.
            assert publisher.publish(manager.channel, junk) == 1
        last = {**OURS, "data": [{"seq": 2}]}
        assert publisher.publish(manager.channel, json.dumps(last)) == 1
        until(lambda: told[-1][1] == {"seq": 2})

    assert [payload["seq"] for _, payload in told] == [1, 2]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    assert len(caplog.records) == len(JUNK)
