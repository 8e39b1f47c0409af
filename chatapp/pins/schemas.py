"""What a client may send."""

from pydantic import BaseModel, ConfigDict

from chatapp.chat.schemas import MessageId, RoomId


class PinMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
    message_id: MessageId
