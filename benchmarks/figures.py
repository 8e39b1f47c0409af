"""What a benchmark gives: one line of the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Direction = Literal[">=", "<="]


class Missing(Exception):
    """Something is not on this machine. The text is one sentence: what, and how to get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    unit: str
    ours: float
    peer: float | None = None
    ratio: float | None = None
    target: float | None = None
    """For the ratio; where there is no peer, for `ours`. None: only reported."""
    direction: Direction = ">="

    @classmethod
    def compared(
        cls,
        name: str,
        unit: str,
        rounds: Iterable[Sequence[float]],
        *,
        target: float | None = None,
        direction: Direction = ">=",
    ) -> "Figure":
        """Return the medians of what was measured in turns, and of the ratio of each round.

        A round is ours and the peer's.
        """
        pairs = [(ours, peer) for ours, peer in rounds]
        return cls(
            name=name,
            unit=unit,
            ours=median(ours for ours, _ in pairs),
            peer=median(peer for _, peer in pairs),
            ratio=median(ours / peer for ours, peer in pairs),
            target=target,
            direction=direction,
        )

    @classmethod
    def alone(
        cls,
        name: str,
        unit: str,
        values: Sequence[float],
        *,
        target: float | None = None,
        direction: Direction = "<=",
    ) -> "Figure":
        """Return the median of what was measured, where there is nothing to compare it with."""
        return cls(name=name, unit=unit, ours=median(values), target=target, direction=direction)

    @property
    def judged(self) -> float:
        """Return what the target is for."""
        return self.ours if self.ratio is None else self.ratio

    @property
    def is_met(self) -> bool | None:
        """Return whether the target is met, None where there is none."""
        if self.target is None:
            return None
        if self.direction == ">=":
            return self.judged >= self.target
        return self.judged <= self.target
