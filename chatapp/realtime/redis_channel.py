"""What processes say to each other by way of Redis: soon if it can be, and maybe never.

Nobody waits for Redis: what is said goes into a bounded queue, and one task sends all that
waits in one go. One command, one wake-up of each listener and one decoding are then for as
many events as one turn of the event loop produced, or the last command took time for.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from chatapp.core import background

ANSWER_LIMIT_SECONDS = 1.0
REST_SECONDS = 2.0  # after a failure, in which nothing is said
LISTEN_AGAIN_SECONDS = 1.0
PING_SECONDS = 2.0
SILENCE_LIMIT_SECONDS = 6.0  # it answers pings, so a longer silence is a dead connection
MOST_WAITING = 2_000
MOST_AT_ONCE = 100  # at 25 kB each less than Redis lets wait for a listener

logger = logging.getLogger(__name__)


class RedisChannel:
    def __init__(self, url: str, name: str) -> None:
        self.sender = secrets.token_hex(8)
        self._name = name
        # One try each, within a limit: the library's own tries add up to many seconds.
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=ANSWER_LIMIT_SECONDS,
            socket_connect_timeout=ANSWER_LIMIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._waiting: deque[str] = deque()
        self._news = threading.Event()
        self._is_started = False
        self._rests_until = 0.0
        self._is_away: dict[str, bool] = {}

    def start(self) -> None:
        """Send beside whoever says something from now on; a command, which ends, sends itself."""
        self._is_started = True
        background.spawn(self._go_on)

    def say(self, text: str) -> None:
        """Let the others hear `text`, a JSON value, after what was said before."""
        if not self._is_started:
            self._publish([text])
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
            self._news.set()

    def heard(self) -> Iterator[bytes]:
        """Yield what others say, for ever: `{"sender": …, "said": [text, …]}`."""
        mine = _opening(self.sender).encode()
        while True:
            try:
                for published in self._listen():
                    if not published.startswith(mine):
                        yield published
            except (RedisError, OSError) as error:
                self._note("hear", error)
            background.sleep(LISTEN_AGAIN_SECONDS)

    def _go_on(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            while self._waiting:
                count = min(len(self._waiting), MOST_AT_ONCE)
                try:
                    self._publish([self._waiting.popleft() for _ in range(count)])
                except Exception:  # what is said next is to be sent all the same
                    logger.exception("something was not sent to other processes")

    def _publish(self, texts: list[str]) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            self._send(f"{_opening(self.sender)}{','.join(texts)}]}}")
        except (RedisError, OSError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            self._note("send to", error)
        else:
            self._note("send to", None)

    def _send(self, text: str) -> None:
        try:
            self._redis.publish(self._name, text)
        except redis.exceptions.TimeoutError:
            raise
        except redis.exceptions.ConnectionError:
            self._redis.publish(self._name, text)  # the connection was from before a restart

    def _listen(self) -> Iterator[bytes]:
        """Yield what is published, until the connection is dead."""
        with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(self._name)
            heard_at = time.monotonic()
            while time.monotonic() < heard_at + SILENCE_LIMIT_SECONDS:
                message = subscription.get_message(timeout=PING_SECONDS)
                if message is None:
                    subscription.ping()
                    continue
                heard_at = time.monotonic()
                self._note("hear", None)
                if message["type"] == "message":
                    yield message["data"]
        raise redis.exceptions.TimeoutError("no answer to a ping")

    def _note(self, what: str, error: Exception | None) -> None:
        """Log that Redis went away, and that it came back; not each time it was missed."""
        if self._is_away.get(what, False) == (error is not None):
            return
        self._is_away[what] = error is not None
        if error is None:
            logger.warning("Redis is back: we %s other processes again", what)
        else:
            logger.warning("Redis is away: we cannot %s other processes (%s)", what, error)


def _opening(sender: str) -> str:
    return f'{{"sender":"{sender}","said":['
