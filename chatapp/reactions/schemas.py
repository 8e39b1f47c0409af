"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chatapp.chat.schemas import MAX_PAGE, MessageId, RoomId


class ChangeReaction(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
    message_id: MessageId
    emoji: Annotated[str, Field(max_length=64)]


class MineQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: Annotated[list[MessageId], Field(min_length=1, max_length=MAX_PAGE)]
