"""How many sockets a person and an address have open, and how fast they open them."""

import math
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from chatapp.core import background
from chatapp.core.errors import TooMany, Unavailable
from chatapp.realtime.limits import Buckets, Limits, Now

# A proxy on this machine is everybody's address, unless it is told to be trusted.
_OF_THIS_MACHINE = ("127.0.0.1", "::1", "")


class Full(Unavailable):
    code = "full"
    sentence = "The chat has as many visitors as it can take. Please try again later."


class TooManySockets(TooMany):
    code = "too_many_sockets"
    sentence = "You have the chat open in {limit} places. Please close one of them first."


class TooManyFromAddress(TooMany):
    code = "too_many_from_address"
    sentence = "Your network has {limit} connections to the chat already. Please try again later."


VISIT = "chatapp.visit"  # where it stands in the WSGI environment


class Visit:
    """Somebody who was let in, until they leave; they do so once."""

    def __init__(self, leave: Callable[[], object]) -> None:
        self.is_kept = False
        """By a socket, which may outlast the request that opened it."""
        self._leave: Callable[[], object] | None = leave

    def leave(self) -> None:
        leave, self._leave = self._leave, None
        if leave:
            leave()


class Visits:
    def __init__(self, limits: Limits, now: Now = time.monotonic) -> None:
        self._limits = limits
        self._handshakes = Buckets(
            limits.handshakes_per_minute / 60, limits.handshakes_per_minute, now
        )
        self._people: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._lock = background.short_lock()

    def enter(self, username: str, address: str) -> Visit:
        """Count a socket in, or raise `TooMany`. Who enters leaves."""
        if wait := self._handshakes.take(username):
            raise TooMany(seconds=math.ceil(wait))
        with self._lock:
            self.check(username, address)
            self._people[username] += 1
            self._addresses[address] += 1
        return Visit(partial(self._leave, username, address))

    def check(self, username: str, address: str) -> None:
        """Raise where there is no room for one more."""
        limits = self._limits
        if len(self) >= limits.sockets:
            raise Full()
        if self._people[username] >= limits.sockets_per_person:
            raise TooManySockets(limit=limits.sockets_per_person)
        is_crowded = self._addresses[address] >= limits.sockets_per_address
        if is_crowded and address not in _OF_THIS_MACHINE:
            raise TooManyFromAddress(limit=limits.sockets_per_address)

    def _leave(self, username: str, address: str) -> None:
        with self._lock:
            for counter, key in ((self._people, username), (self._addresses, address)):
                counter[key] -= 1
                if counter[key] == 0:
                    del counter[key]

    def people(self) -> frozenset[str]:
        """Return who has a socket open in this process."""
        with self._lock:
            return frozenset(self._people)

    def __len__(self) -> int:
        """Return how many are in."""
        return self._addresses.total()
