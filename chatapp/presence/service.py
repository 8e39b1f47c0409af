"""The rules of presence: who is online, away or offline, and who may know."""

import math
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from chatapp.auth.entities import User
from chatapp.presence.entities import Attendance, State, together
from chatapp.presence.repository import AttendanceRepository
from chatapp.rooms.access import RoomAccess

AWAY_SECONDS = 300.0  # without a sign
GONE_SECONDS = 10.0  # a page that is loaded anew, or comes back after a restart, is no absence
SETTLE_SECONDS = 3.0  # in which the first sign of somebody new arrives
SAVE_SECONDS = 10.0
LOOK_SECONDS = 1.0  # between two looks
MOST_LOOKS = 25  # that a process may be silent for; counted, so clocks need not agree


class PresenceService:
    def __init__(self, access: RoomAccess, roll: "Roll") -> None:
        self._access = access
        self._roll = roll

    def sign(self, actor: User, idle_seconds: int = 0) -> None:
        """Note that the actor did something, so many seconds ago."""
        self._roll.sign(actor.username, idle_seconds)

    def states(self, actor: User, room_id: str) -> dict[str, State]:
        """Return how the members of a room are, by username. Who is not named is offline."""
        membership = self._access.member(actor, room_id)
        states = self._roll.states()
        members = (member.username for member in self._access.members(membership))
        return {username: states[username] for username in members if username in states}

    def states_in_directs(self, actor: User) -> dict[str, State]:
        """Return the same of those with whom the actor has direct conversations."""
        rooms = self._access.rooms(actor)
        people = {username for room in rooms for username in room.people}
        states = self._roll.states() if people else {}
        return {username: states[username] for username in people if username in states}


@dataclass(slots=True)
class _Visitor:
    came_at: float
    open_at: float
    acted_at: float = -math.inf

    def is_gone(self, now: float) -> bool:
        return now - self.open_at >= GONE_SECONDS

    def state(self, now: float) -> State | None:
        """Return None for who has only just come: whether they are there is not known yet."""
        if now - self.acted_at < AWAY_SECONDS:
            return "online"
        return "away" if now - self.came_at >= SETTLE_SECONDS else None


class Roll:
    """Who is here, in this process and in all of them.

    Each process stores who is in it, and looks every second at what all have stored. A process
    that says nothing for many looks has ended, whatever it said last. Nobody asks: like
    `RoomAccess.rooms_of`, this is for what tells sockets, and `PresenceService` is the door.
    """

    def __init__(
        self,
        attendances: AttendanceRepository,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._attendances = attendances
        self._monotonic = monotonic
        self._process_id = secrets.token_hex(8)
        self._visitors: dict[str, _Visitor] = {}
        self._lock = threading.Lock()
        self._saved: dict[State, frozenset[str]] = {}
        self._save_at = -math.inf
        self._looked_at = -math.inf
        self._looking = threading.Lock()
        self._known: dict[str, Attendance] = {}
        self._silent: dict[str, int] = {}
        self._states: Mapping[str, State] = {}

    def sign(self, username: str, idle_seconds: float) -> None:
        now = self._monotonic()
        with self._lock:
            visitor = self._visitors.setdefault(username, _Visitor(now, now))
            visitor.acted_at = max(visitor.acted_at, now - idle_seconds)

    def states(self) -> Mapping[str, State]:
        """Return how everybody is who is not offline, as of at most a few seconds ago.

        It looks only where nobody calls the roll yet, before the first socket; and nobody waits
        for one who does.
        """
        is_old = self._monotonic() - self._looked_at > 2 * LOOK_SECONDS
        if is_old and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._states

    def call(self, present: Iterable[str]) -> Mapping[str, State]:
        """Note who has a socket open here, store it where it is news, and return how all are.

        To be called every `LOOK_SECONDS`. The same mapping is returned until it changes.
        """
        with self._looking:
            self._save(self._note(present))
            self._look()
            return self._states

    def _note(self, present: Iterable[str]) -> dict[State, frozenset[str]]:
        """Return who is how, of those that are here or were until just now."""
        now = self._monotonic()
        here: dict[State, list[str]] = {"online": [], "away": []}
        with self._lock:
            for username in present:
                if visitor := self._visitors.get(username):
                    visitor.open_at = now
                else:
                    self._visitors[username] = _Visitor(now, now)
            for username in [name for name, who in self._visitors.items() if who.is_gone(now)]:
                del self._visitors[username]
            for username, visitor in self._visitors.items():
                if state := visitor.state(now):
                    here[state].append(username)
        return {state: frozenset(names) for state, names in here.items()}

    def _save(self, here: dict[State, frozenset[str]]) -> None:
        """Store it where it is news; now and then also where it is not, as a sign of life."""
        now = self._monotonic()
        if here == self._saved and now < self._save_at:
            return
        self._attendances.save_attendance(self._process_id, here["online"], here["away"])
        self._saved = here
        self._save_at = now + SAVE_SECONDS

    def _look(self) -> None:
        """Read what is news; without any that is one small document a process."""
        self._looked_at = self._monotonic()
        beats = self._attendances.get_beats()
        before = self._known
        same = {name: one for name, one in before.items() if beats.get(name) == one.beat}
        self._silent = {name: self._silent.get(name, 0) + 1 for name in same}
        self._known = same | self._read(beats.keys() - same.keys())
        for name in [name for name, looks in self._silent.items() if looks >= MOST_LOOKS]:
            self._attendances.remove_attendance(name, beats[name])
            del self._known[name]
        if self._known != before:
            self._states = together(self._known.values())

    def _read(self, process_ids: Collection[str]) -> dict[str, Attendance]:
        if not process_ids:
            return {}
        found = self._attendances.get_attendances(process_ids)
        return {one.process_id: one for one in found}
