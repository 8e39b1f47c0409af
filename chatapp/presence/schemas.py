"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_IDLE_SECONDS = 31 * 24 * 3600


class SayPresent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    idle_seconds: Annotated[int, Field(ge=0, le=LONGEST_IDLE_SECONDS)]
