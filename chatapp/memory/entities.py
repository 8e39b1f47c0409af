"""A change, as every process hears of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    number: int
    """1, 2, 3 … over all processes, without gaps."""
    about: tuple[str, ...]
    """What is not to be remembered any longer."""
