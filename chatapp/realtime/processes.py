"""Several processes of one chat, with one Redis between them.

What Redis carries is a hint, the truth is stored. So it may be slow, hang or be away: then
messages are late in other processes (`heartbeat.py`), and never heard by the wrong people.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import redis
import socketio
from pydantic import BaseModel, ConfigDict
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from chatapp.core import background
from chatapp.realtime import strict_json
from chatapp.realtime.channels import NAMESPACE, ROOM, ChannelManager
from chatapp.realtime.fanout import FanoutManager
from chatapp.rooms.access import RoomAccess

_MOVED = "$channels"  # rides the queue as an event of this name, which no client is ever sent
_CHANGED = "$changed"

ANSWER_LIMIT_SECONDS = 1.0  # acknowledgements wait as long for a Redis that hangs
REST_SECONDS = 2.0  # after a failure, in which nobody waits for it
LISTEN_AGAIN_SECONDS = 1.0
PING_SECONDS = 2.0
SILENCE_LIMIT_SECONDS = 6.0  # it answers pings, so a longer silence is a dead connection

logger = logging.getLogger(__name__)


class _Heard(BaseModel):
    """What another process of ours publishes, and nothing else on the channel is."""

    model_config = ConfigDict(strict=True, extra="allow")

    method: Literal["emit"]
    event: str
    data: list[Any]
    namespace: Literal["/chat"]
    host_id: str
    room: str | list[str] | None = None
    skip_sid: str | list[str] | None = None
    binary: Literal[False] = False
    callback: None = None
    versions: dict[str, int] = {}


class SharedChannelManager(ChannelManager, socketio.PubSubManager, FanoutManager):  # type: ignore[misc]
    """Tells and moves sockets in all processes.

    A removal has to hold in every process once it is acknowledged, and Redis cannot promise
    that. So what is told to a room carries the version that its membership had *after* the
    news was saved, and a process that has not followed the channels to that version does so
    first. See docs/decisions/0018.
    """

    name = "redis"

    def __init__(self, access: RoomAccess, queue_url: str) -> None:
        super().__init__(access, channel="chatapp")
        # One try each, within a limit: the library's own tries add up to many seconds.
        self._redis = redis.Redis.from_url(
            queue_url,
            socket_timeout=ANSWER_LIMIT_SECONDS,
            socket_connect_timeout=ANSWER_LIMIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._rests_until = 0.0
        self._is_away: dict[str, bool] = {}

    def hint(self) -> None:
        """Let the other processes note a change now, rather than at their next beat."""
        self._publish(
            {
                "method": "emit",
                "event": _CHANGED,
                "data": [],
                "namespace": NAMESPACE,
                "host_id": self.host_id,
            }
        )

    def _move(self, how: str, listeners: str, channel: str) -> None:
        self._move_here(how, listeners, channel)
        self._publish(
            {
                "method": "emit",
                "event": _MOVED,
                "data": [how, listeners, channel],
                "namespace": NAMESPACE,
                "host_id": self.host_id,
            }
        )

    def _handle_emit(self, message: dict[str, Any]) -> None:
        if message["event"] == _MOVED:
            return self._move_here(*message["data"])
        if message["event"] == _CHANGED:
            return background.spawn(self.on_hint)
        is_ours = message["host_id"] == self.host_id
        if is_ours:  # and published next, to the other processes
            rooms = _rooms_in(message["room"])
            message["versions"] = {room_id: self._access.version(room_id) for room_id in rooms}
        for room_id, version in message.get("versions", {}).items():
            self.follow(room_id, version)
        super()._handle_emit(message)
        if not is_ours:
            self.on_told(message["event"], *message["data"])
        return None

    def _publish(self, data: dict[str, Any]) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            self._send(self.json.dumps(data))
        except (RedisError, OSError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            self._say("send to", error)
        else:
            self._say("send to", None)

    def _send(self, text: str) -> None:
        try:
            self._redis.publish(self.channel, text)
        except redis.exceptions.TimeoutError:
            raise
        except redis.exceptions.ConnectionError:
            self._redis.publish(self.channel, text)  # the connection was from before a restart

    def _listen(self) -> Iterator[Any]:
        while True:
            try:
                yield from self._hear()
            except (RedisError, OSError) as error:
                self._say("hear", error)
            background.sleep(LISTEN_AGAIN_SECONDS)

    def _hear(self) -> Iterator[Any]:
        """Yield what other processes publish, until the connection is dead."""
        with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(self.channel)
            heard_at = time.monotonic()
            while time.monotonic() < heard_at + SILENCE_LIMIT_SECONDS:
                message = subscription.get_message(timeout=PING_SECONDS)
                if message is None:
                    subscription.ping()
                    continue
                heard_at = time.monotonic()
                self._say("hear", None)
                if message["type"] == "message" and (heard := _understood(message["data"])):
                    yield heard
        raise redis.exceptions.TimeoutError("no answer to a ping")

    def _say(self, what: str, error: Exception | None) -> None:
        """Log that Redis went away, and that it came back; not each time it was missed."""
        if self._is_away.get(what, False) == (error is not None):
            return
        self._is_away[what] = error is not None
        if error is None:
            logger.warning("Redis is back: we %s other processes again", what)
        else:
            logger.warning("Redis is away: we cannot %s other processes (%s)", what, error)


def _understood(published: bytes) -> dict[str, Any] | None:
    """Return a message of ours, or None: whoever reaches Redis can publish anything."""
    try:
        message: dict[str, Any] = strict_json.loads(published.decode())
        heard = _Heard.model_validate(message)
        arity = {_MOVED: 3, _CHANGED: 0}.get(heard.event, 1)
        if len(heard.data) != arity or (heard.event == _MOVED and not _are_names(heard.data)):
            raise ValueError("not as we publish it")
    except (ValueError, RecursionError):  # a ValidationError is a ValueError
        logger.warning("something on the channel in Redis is not ours; it is ignored")
        return None
    return message


def _are_names(data: list[Any]) -> bool:
    return all(isinstance(name, str) for name in data)


def _rooms_in(channels: str | Iterable[str] | None) -> list[str]:
    names = [channels] if isinstance(channels, str) else channels or ()
    return [name.removeprefix(ROOM) for name in names if name.startswith(ROOM)]


def channel_manager(queue_url: str, access: RoomAccess) -> ChannelManager:
    return SharedChannelManager(access, queue_url) if queue_url else ChannelManager(access)
