"""What a client may send."""

from pydantic import BaseModel, ConfigDict

from chatapp.chat.schemas import RoomId


class SayTyping(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
