"""What one did oneself, told to all of one's open pages; the room is told the message."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import PersonalEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionEvent(PersonalEvent):
    room_id: str
    message_id: str
    changes: int
    """How often the message has changed with it."""
    emoji: str

    def payload(self) -> dict[str, Any]:
        return {
            "room_id": self.room_id,
            "message_id": self.message_id,
            "changes": self.changes,
            "emoji": self.emoji,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionAdded(ReactionEvent):
    name: ClassVar[str] = "reaction_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionRemoved(ReactionEvent):
    name: ClassVar[str] = "reaction_removed"
