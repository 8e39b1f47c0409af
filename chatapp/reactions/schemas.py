"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chatapp.chat.schemas import MAX_PAGE, AboutMessage, MessageId


class ChangeReaction(AboutMessage):
    emoji: Annotated[str, Field(max_length=64)]


class MineQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: Annotated[list[MessageId], Field(min_length=1, max_length=MAX_PAGE)]
