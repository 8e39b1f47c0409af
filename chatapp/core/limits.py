"""How often somebody has tried: counted in memory, or in Redis where several processes share."""

import ipaddress
import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage

from chatapp.core.errors import TooMany

logger = logging.getLogger(__name__)
T = TypeVar("T")

WINDOW_SECONDS = 15 * 60
AWAY_SECONDS = 5  # how long a Redis that did not answer is left alone
_REDIS_TIMEOUT_SECONDS = 1


class Tries:
    """Counters and waits by key. While Redis is away each process counts for itself."""

    def __init__(self, redis_url: str = "") -> None:
        self._memory = MemoryStorage()
        self._shared = _redis(redis_url) if redis_url else None
        self._away_until = 0.0

    def take(self, limit: int, *key: str) -> None:
        """Count one try, or raise `TooMany` where `limit` were made in a quarter of an hour."""
        self.check(limit, *key)
        if self.count(*key) > limit:  # others came between
            self.check(limit, *key)

    def check(self, limit: int, *key: str) -> None:
        """Raise `TooMany` where `limit` tries were counted already."""
        if self.counted(*key) >= limit:
            raise TooMany(seconds=max(self._ask(lambda kept: _left(kept, _name(key))), 1))

    def count(self, *key: str) -> int:
        """Count one, and return how many there are since the first of them."""
        return self._ask(lambda kept: kept.incr(_name(key), WINDOW_SECONDS))

    def counted(self, *key: str) -> int:
        return self._ask(lambda kept: kept.get(_name(key)))

    def forget(self, *key: str) -> None:
        self._ask(lambda kept: kept.clear(_name(key)))

    def hold(self, seconds: int, *key: str) -> None:
        """Let whoever has this key wait; one who waits already does not wait longer."""
        self._ask(lambda kept: kept.incr(_name(("wait", *key)), seconds))

    def wait_left(self, *key: str) -> int:
        """Return the whole seconds still to wait, 0 where there is nothing to wait for."""
        return self._ask(lambda kept: _left(kept, _name(("wait", *key))))

    def _ask(self, question: Callable[[Storage], T]) -> T:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except StorageError:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning("Redis does not answer: tries are counted by each process")
        return question(self._memory)


def by_address(address: str) -> str:
    """Return what an address is counted as. One household has 2**64 of IPv6: those are one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"redis+{url}" if url.startswith("unix:") else url,  # as `limits` calls it
        key_prefix="chatapp:tries",
        wrap_exceptions=True,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
    )


def _name(key: tuple[str, ...]) -> str:
    # Parts may hold anything people type: quoted by length, so that no two keys meet.
    return "/".join(f"{len(part)}:{part}" for part in key)


def _left(kept: Storage, name: str) -> int:
    if not kept.get(name):
        return 0
    return max(math.ceil(kept.get_expiry(name) - time.time()), 0)
