"""An emoji that people put on a message."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatapp.core.text import EMOJI_STYLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    emoji: str
    count: int
    people: tuple[str, ...]
    """The usernames of those who came last, in the order they came: perhaps not of all."""

    def public(self, names: Mapping[str, str]) -> dict[str, object]:
        people = [{"username": one, "name": names.get(one, one)} for one in self.people]
        return {"emoji": self.emoji, "count": self.count, "people": people}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What one has put on a message, and how often that had changed when it was read."""

    emoji: tuple[str, ...]
    changes: int

    def public(self) -> dict[str, object]:
        return {"emoji": list(self.emoji), "changes": self.changes}


def kind_of(emoji: str) -> str:
    """Return what two forms of one emoji have in common: they count as the same reaction."""
    return emoji.replace(EMOJI_STYLE, "")
