"""What is known of a person beside their account."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How the chat looks and behaves for one person, on every device."""

    theme: str = "system"
    density: str = "comfortable"
    enter: str = "send"
    """What the Enter key does while one writes: send, or begin a line."""
    announces: str = "yes"
    """Whether a screen reader is told of new messages."""

    def public(self) -> dict[str, object]:
        return asdict(self)


CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "enter": ("send", "line"),
    "announces": ("yes", "no"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    preferences: Preferences
