"""A message that somebody has saved, and a page of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatapp.chat.entities import Message, mark_of
from chatapp.core.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    username: str
    message_id: str
    room_id: str
    seq: int
    saved_at: datetime

    @property
    def place(self) -> str:
        """Where it stands among all that the person saved: a page goes on after it."""
        return f"{mark_of(self.saved_at)}.{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A page of what somebody saved, the newest first."""

    saved: tuple[tuple[Save, Message], ...]
    hanging_on: Mapping[str, Mapping[str, Any]]
    """What hangs on each message, by its id."""
    titles: Mapping[str, str]
    """How the rooms are called, by id."""
    older: str | None
    """The place after which there is more."""

    @property
    def people(self) -> set[str]:
        return {username for _, message in self.saved for username in message.people}

    def public(self) -> dict[str, object]:
        saved = [
            {
                "saved_at": iso(save.saved_at),
                "message": {**message.public(), **self.hanging_on[message.id]},
            }
            for save, message in self.saved
        ]
        return {"saved": saved, "older": self.older}
