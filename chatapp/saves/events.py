"""What is told of saving: to the person alone."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import PersonalEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveEvent(PersonalEvent):
    room_id: str
    message_id: str
    seq: int

    def payload(self) -> dict[str, Any]:
        return {"room_id": self.room_id, "message_id": self.message_id, "seq": self.seq}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSaved(SaveEvent):
    name: ClassVar[str] = "message_saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUnsaved(SaveEvent):
    name: ClassVar[str] = "message_unsaved"
