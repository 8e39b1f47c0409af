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
from chatapp.realtime.processes import CHANNEL
from tests.faults.world import Redis, redis_server
from tests.wire import until

ROOM = room_channel("665f00000000000000000000")
TOLD = {"kind": "told", "event": "message_posted", "data": {"seq": 1}, "to": [ROOM], "versions": {}}
MOVED = {"kind": "moved", "how": "enter", "listeners": "user:ana", "channel": ROOM}


def said(*what: Any, **others: Any) -> bytes:
    return json.dumps({"sender": "another", "said": what, **others}).encode()


class Loaded:
    """Says so when somebody unpickles it."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was loaded",))


JUNK: dict[str, bytes] = {
    "pickle": pickle.dumps(Loaded()),
    "pickle of a message": pickle.dumps(TOLD),
    "nothing": b"",
    "no text": b"\xff\x00\x80",
    "no json": b"{",
    "number": b"5",
    "text": b'"said"',
    "list": b'["said"]',
    "null": b"null",
    "not a number": b'{"sender":"another","said":NaN}',
    "very deep": b"[" * 30_000,
    "empty object": b"{}",
    "of the library": json.dumps({"method": "emit", "event": "x", "data": [1]}).encode(),
    "nobody": said(TOLD, sender=None),
    "a number for a sender": said(TOLD, sender=5),
    "more than is said": said(TOLD, method="emit"),
    "said of text": said("x"),
    "another kind": said({**TOLD, "kind": "disconnect"}),
    "no kind": said({"event": "x", "data": {}}),
    "kind alone": said({"kind": "told"}),
    "data of nothing": said({**TOLD, "data": None}),
    "data of text": said({**TOLD, "data": "x"}),
    "event of an object": said({**TOLD, "event": {"$gt": ""}}),
    "another namespace": said({**TOLD, "namespace": "/"}),
    "callback": said({**TOLD, "callback": ["a", "b", 1]}),
    "versions of text": said({**TOLD, "versions": {"a": "b"}}),
    "room of an object": said({**TOLD, "to": {"a": 1}}),
    "everybody": said({**TOLD, "to": []}),
    "move of one": said({"kind": "moved", "how": "enter"}),
    "move of numbers": said({**MOVED, "listeners": 1}),
    "another move": said({**MOVED, "how": "fly"}),
    "change with data": said({"kind": "changed", "data": [1]}),
    "one of two": said(TOLD, {"kind": "told"}),
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
        until(lambda: publisher.publish(CHANNEL, said(TOLD)) == 1)
        until(lambda: bool(told))
        for junk in JUNK.values():
            # One: our process never stopped to listen.
            assert publisher.publish(CHANNEL, junk) == 1
        last = {**TOLD, "data": {"seq": 2}}
        assert publisher.publish(CHANNEL, said(last)) == 1
        until(lambda: told[-1][1] == {"seq": 2})

    assert [payload["seq"] for _, payload in told] == [1, 2]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    assert len(caplog.records) == len(JUNK)
