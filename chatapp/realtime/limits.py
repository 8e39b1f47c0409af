"""How much a person, an address or a socket may ask for; counted in this process alone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from chatapp.core import background

Now = Callable[[], float]

_MANY_KEYS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings `CHATAPP_<NAME>`; what each of them means stands in .env.example."""

    sockets: int
    sockets_per_person: int
    sockets_per_address: int
    handshakes_per_minute: int
    connect_seconds: int
    frame_bytes: int
    frames_per_second: int
    frames_burst: int
    messages_per_second: int
    messages_burst: int
    backlog_events: int
    backlog_bytes: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Limits":
        return cls(**{field.name: config[f"CHATAPP_{field.name.upper()}"] for field in fields(cls)})


class TokenBucket:
    """Lets `burst` pass at once, and `per_second` after that."""

    def __init__(self, per_second: float, burst: int, now: Now = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._left = float(burst)
        self._seen_at = now()

    def take(self) -> float:
        """Take one and return 0, or return the seconds until there is one to take."""
        self._refill()
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0

    @property
    def is_full(self) -> bool:
        self._refill()
        return self._left == self._burst

    def _refill(self) -> None:
        now = self._now()
        gained = (now - self._seen_at) * self._per_second
        self._left = min(self._burst, self._left + gained)
        self._seen_at = now


class Buckets:
    """A bucket for each key that was heard of lately."""

    def __init__(self, per_second: float, burst: int, now: Now = time.monotonic) -> None:
        self._new = partial(TokenBucket, per_second, burst, now)
        self._buckets: dict[str, TokenBucket] = {}
        self._sweep_at = _MANY_KEYS
        self._lock = background.short_lock()

    def take(self, key: str) -> float:
        """Take one of `key` and return 0, or return the seconds until there is one."""
        with self._lock:
            if len(self._buckets) >= self._sweep_at:
                self._sweep()
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = self._new()
            return bucket.take()

    def _sweep(self) -> None:
        """Forget the full ones: a new one would be the same."""
        self._buckets = {key: kept for key, kept in self._buckets.items() if not kept.is_full}
        self._sweep_at = max(_MANY_KEYS, 2 * len(self._buckets))
