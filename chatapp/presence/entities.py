"""How present people are, as one process knows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["online", "away"]
"""Whoever is neither is offline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Who has a socket open in one process."""

    process_id: str
    beat: int
    """Grows each time that the process says so; one that has ended does not."""
    online: frozenset[str]
    away: frozenset[str]


def together(attendances: Iterable[Attendance]) -> dict[str, State]:
    """Return how everybody is: online where they are so in any process."""
    attendances = list(attendances)
    away: dict[str, State] = {name: "away" for one in attendances for name in one.away}
    online: dict[str, State] = {name: "online" for one in attendances for name in one.online}
    return away | online
