"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class SavedQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: Annotated[str, Field(pattern=r"\A[0-9]{1,14}\.[0-9a-f]{24}\z")] | None = None
