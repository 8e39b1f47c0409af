"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chatapp.chat.schemas import MessageId, RoomId


class SaveMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
    message_id: MessageId


class SavedQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: Annotated[str, Field(pattern=r"\A[0-9]{1,14}\.[0-9a-f]{24}\z")] | None = None
